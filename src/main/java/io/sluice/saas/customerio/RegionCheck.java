package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.HttpsServerStart;
import io.sluice.AccountId;
import io.sluice.budget.Priority;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.problem.FailureText;
import io.sluice.saas.CredentialCheckConfig;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The check of each workspace's region: asks Customer.io for it once the process serves, which also tries the Track
 * API's credential. A problem is a warning in the log, and keeps nothing from starting.
 */
@Singleton
public class RegionCheck {
    private static final Logger LOG = Logger.getLogger(RegionCheck.class);

    /** The team that the calls are made for: none of the configuration. */
    private static final String NO_TEAM = "-";

    private static final int MOST_READ = 64 << 10;

    private final Surface track;
    private final VendorClient calls;
    private final CustomerioConfig config;
    private final boolean enabled;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("regions-", 0).factory());

    RegionCheck(Customerio customerio, VendorClient calls, CustomerioConfig config, CredentialCheckConfig credentials) {
        this.track = customerio.surface("track");
        this.calls = calls;
        this.config = config;
        this.enabled = config.regionCheck().enabled() && credentials.enabled();
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
        if (enabled && begun.compareAndSet(false, true)) {
            track.accounts().keySet().forEach(account -> threads.execute(() -> warn(account)));
        }
    }

    private void warn(String account) {
        AccountId id = new AccountId(Customerio.NAME, account);
        try {
            wrong(account).ifPresent(what -> LOG.warnf("region check found a problem: account=%s: %s", id, what));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.errorf(e, "region check failed: account=%s", id);
        }
    }

    /** The problem of an account, if there is one. Waits for Customer.io, or the configured time for a permit. */
    Optional<String> wrong(String account) throws InterruptedException {
        VendorClient.CallerContext caller = new VendorClient.CallerContext(
                NO_TEAM, track, account, Priority.BULK, config.regionCheck().permitTimeout());
        return switch (calls.make(caller, "GET", "/api/v1/accounts/region")) {
            case Result.Answered(VendorResponse answer, boolean _) -> judge(account, answer);
            case Result.Failed failed -> Optional.of("region unknown, " + FailureText.brief(failed));
            case Result.Shed shed -> Optional.of("region unknown, " + FailureText.brief(shed));
        };
    }

    private Optional<String> judge(String account, VendorResponse answer) {
        Optional<BufferedResponse> whole;
        try (InputStream _ = answer.body()) {
            whole = answer.readAll(MOST_READ);
        } catch (IOException brokenOff) {
            return Optional.of("region unknown, the answer broke off");
        }
        return Optional.ofNullable(config.accounts().get(account))
                .flatMap(configured -> judge(
                        configured,
                        answer.status(),
                        whole.flatMap(region -> CustomerioJson.object(region.body()))
                                .orElse(null)));
    }

    /**
     * The problem that a response to the region call shows.
     *
     * @param answer its body; null if it is no object
     */
    static Optional<String> judge(CustomerioConfig.Account account, int status, @Nullable ObjectNode answer) {
        if (status == 401 || status == 403) {
            return Optional.of("site-id and track-api-key are refused with " + status);
        }
        Optional<String> there = answer == null ? Optional.empty() : CustomerioJson.name(answer, "region");
        if (status != 200 || there.isEmpty()) {
            return Optional.of("region unknown, Customer.io answers " + status);
        }
        String here = account.region().name().toLowerCase(Locale.ROOT);
        return there.get().equalsIgnoreCase(here) || !picksHosts(account)
                ? Optional.empty()
                : Optional.of("region is configured as " + here + ", and Customer.io says " + printable(there.get())
                        + ": every call is redirected or fails");
    }

    /** True if the configured region selects the host of any call. */
    private static boolean picksHosts(CustomerioConfig.Account account) {
        return (account.siteId().isPresent() && account.trackUrl().isEmpty())
                || (account.appApiKey().isPresent() && account.appUrl().isEmpty())
                || (account.pipelinesKey().isPresent() && account.pipelinesUrl().isEmpty());
    }

    /** A server at a misconfigured URL may answer anything. */
    private static String printable(String region) {
        return region.matches("[a-z0-9-]{1,16}") ? region : "something else";
    }
}
