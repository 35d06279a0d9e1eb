package io.sluice.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.HttpsServerStart;
import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.budget.Priority;
import io.sluice.call.BufferedResponse;
import io.sluice.call.CallMeters;
import io.sluice.call.CredentialStates;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.problem.FailureText;
import io.sluice.saas.CredentialCheckConfig;
import io.sluice.saas.CredentialProbe;
import io.sluice.saas.ProbeReader;
import io.sluice.saas.Vendor;
import io.sluice.saas.VendorClient;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.metrics.Tag;
import org.jboss.logging.Logger;

/**
 * The start-up check of credentials: once the process serves, it makes one attempt for each account, as bulk, to see if
 * the vendor accepts the credential. A conclusive response is processed like every other call's; an inconclusive one is
 * logged, and not repeated, since the teams' own calls will show the result.
 */
@Singleton
public class CredentialCheck {
    private static final Logger LOG = Logger.getLogger(CredentialCheck.class);

    /** The team name of these calls: no team of the configuration. */
    private static final String NO_TEAM = "-";

    /** The largest response that a process may well hold for each of many accounts at once, in bytes. */
    private static final long LARGEST_RESPONSE = 16 * 1024 * 1024;

    private final List<Vendor> vendors;
    private final List<ProbeReader> readers;
    private final ObjectMapper json;
    private final VendorClient calls;
    private final CredentialCheckConfig config;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("credentials-", 0).factory());

    CredentialCheck(
            @All List<Vendor> vendors,
            @All List<ProbeReader> readers,
            ObjectMapper json,
            VendorClient calls,
            CredentialCheckConfig config) {
        InvalidConfigException.check(
                config.maxResponse().asLongValue() >= 1 && config.maxResponse().asLongValue() <= LARGEST_RESPONSE,
                "sluice.credential-check.max-response",
                () -> "must be from 1 byte to 16 MiB: " + config.maxResponse().asLongValue() + " bytes");
        this.vendors = vendors;
        this.readers = readers;
        this.json = json;
        this.calls = calls;
        this.config = config;
    }

    void show(@Observes StartupEvent starting, CallMeters meters, CredentialStates states) {
        for (Vendor vendor : vendors) {
            for (String account : vendor.limits().keySet()) {
                AccountId id = new AccountId(vendor.name(), account);
                meters.gauge(
                        "sluice_credential_refused",
                        "1 while the vendor refuses the account's credential, else 0",
                        states,
                        seen -> seen.refused(id) ? 1 : 0,
                        new Tag("vendor", vendor.name()),
                        new Tag("account", account));
            }
        }
    }

    void http(@ObservesAsync HttpServerStart serving) {
        begin();
    }

    void https(@ObservesAsync HttpsServerStart serving) {
        begin();
    }

    void stop(@Observes ShutdownEvent stopping) {
        threads.shutdownNow();
    }

    private void begin() {
        if (config.enabled() && begun.compareAndSet(false, true)) {
            for (Vendor vendor : vendors) {
                vendor.credentialProbes()
                        .forEach(probe -> probe.surface()
                                .accounts()
                                .keySet()
                                .forEach(account -> threads.execute(() -> ask(probe, account))));
            }
        }
    }

    private void ask(CredentialProbe probe, String account) {
        AccountId name = new AccountId(probe.surface().vendor(), account);
        try {
            untold(probe, account).ifPresent(why -> LOG.infof("credential check failed: account=%s: %s", name, why));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.errorf(e, "credential check failed: account=%s", name);
        }
    }

    /**
     * Makes the call. Waits for the vendor, or the configured time for a permit.
     *
     * @return why the check is inconclusive; empty if it is conclusive
     */
    Optional<String> untold(CredentialProbe probe, String account) throws InterruptedException {
        VendorClient.CallerContext caller = new VendorClient.CallerContext(
                NO_TEAM, probe.surface(), account, Priority.BULK, config.permitTimeout());
        Optional<ProbeReader.Reading> reading = readers.stream()
                .filter(reader -> reader.vendor().equals(probe.surface().vendor()))
                .map(reader -> reader.begin(account))
                .findFirst();
        Result result;
        try {
            result = calls.tryOnce(caller, probe.target());
        } catch (CallAbandonedException e) {
            return Optional.of("the vendor refuses the call for its rate");
        }
        return switch (result) {
            case Result.Answered(VendorResponse answer, boolean _) -> {
                int status = answer.status();
                if (status / 100 == 2 && reading.isPresent()) {
                    yield reading.get().take(body(answer));
                }
                close(answer);
                yield status / 100 == 2 || status == 401
                        ? Optional.empty()
                        : Optional.of("the vendor answers " + status);
            }
            case Result.Failed failed -> Optional.of(FailureText.brief(failed));
            case Result.Shed shed -> Optional.of(FailureText.brief(shed));
        };
    }

    /** Returns the body; a missing node if it broke off, is too large, or is no JSON. */
    private JsonNode body(VendorResponse answer) {
        try (InputStream _ = answer.body()) {
            BufferedResponse whole =
                    answer.readAll((int) config.maxResponse().asLongValue()).orElse(null);
            return whole == null ? MissingNode.getInstance() : json.readTree(whole.body());
        } catch (IOException unreadable) {
            LOG.debugf("could not read the response of a credential check: %s", unreadable.getMessage());
            return MissingNode.getInstance();
        }
    }

    private static void close(VendorResponse answer) {
        try {
            answer.body().close();
        } catch (IOException brokenOff) {
            LOG.debugf("could not close the response of a credential check: %s", brokenOff.getMessage());
        }
    }
}
