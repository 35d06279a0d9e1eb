package io.sluice.saas.fathom;

import static io.sluice.saas.fathom.FathomLimits.ACCOUNT;
import static io.sluice.saas.fathom.FathomLimits.DOWNLOAD;
import static io.sluice.saas.fathom.FathomLimits.HEAVY;

import io.quarkus.arc.Unremovable;
import io.sluice.budget.window.Limit;
import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import io.sluice.saas.Accounts;
import io.sluice.saas.CredentialProbe;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.RateLimitBackstops;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Fathom, the meeting recorder: its surface, operations, accounts and limits. */
@ApplicationScoped
public class Fathom implements Vendor {
    private static final String NAME = "fathom";

    private static final Operation READ = Operation.read("read", ACCOUNT);
    private static final Operation READ_HEAVY = Operation.read("read-heavy", ACCOUNT, HEAVY);
    /** Sends the recording to another destination, so a repeated call sends it twice. */
    private static final Operation SEND_HEAVY = Operation.write("send-heavy", ACCOUNT, HEAVY);

    private static final Operation REQUEST_DOWNLOAD = Operation.write("request-download", DOWNLOAD);
    private static final Operation DELETE_WEBHOOK = Operation.idempotentWrite("delete-webhook", ACCOUNT);
    private static final Operation WRITE = Operation.write("write", ACCOUNT);

    /** All operations, in the order above. */
    static final List<Operation> OPERATIONS =
            List.of(READ, READ_HEAVY, SEND_HEAVY, REQUEST_DOWNLOAD, DELETE_WEBHOOK, WRITE);

    private static final String BASE = "/external/v1";

    private final FathomConfig config;
    private final List<Surface> surfaces;

    Fathom(FathomConfig config, @RestClient FathomApi api) {
        Accounts<FathomConfig.Account> accounts = new Accounts<>(NAME, config.accounts());
        this.config = config;
        this.surfaces = List.of(new Surface(
                NAME,
                NAME,
                accounts.at(FathomConfig.Account::url, account -> Credential.key("X-Api-Key", account.apiKey())),
                routes(api),
                new FathomDialect(),
                new FathomErrors()));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Surface> surfaces() {
        return surfaces;
    }

    @Override
    public List<CredentialProbe> credentialProbes() {
        return List.of(new CredentialProbe(surfaces.getFirst(), "/external/v1/teams"));
    }

    @Override
    public Map<String, OperationConfig> operations() {
        return config.operations();
    }

    @Override
    public Map<String, List<Limit>> limits() {
        return limits(config);
    }

    @Override
    public Map<String, List<Limit>> documentedLimits() {
        return new Accounts<>(NAME, config.accounts()).limits(account -> FathomLimits.DEFAULTS);
    }

    /** The backstops of the interface. Static, since they are needed before the REST client can be made. */
    @Produces
    @Singleton
    @Unremovable
    static RateLimitBackstops backstops(FathomConfig config) {
        return new RateLimitBackstops(List.of(FathomApi.class), OPERATIONS, () -> limits(config));
    }

    static Map<String, List<Limit>> limits(FathomConfig config) {
        return new Accounts<>(NAME, config.accounts())
                .limits(account -> FathomLimits.DEFAULTS, FathomConfig.Account::limits);
    }

    private static List<Route> routes(FathomApi api) {
        String summary = BASE + "/recordings/{recording_id}/summary";
        String transcript = BASE + "/recordings/{recording_id}/transcript";
        return List.of(
                Route.of("GET", BASE + "/meetings", READ_HEAVY, api::readHeavy).when(Fathom::includesHeavyParts),
                Route.of("GET", summary, SEND_HEAVY, api::sendHeavy).when(Fathom::hasDestination),
                Route.of("GET", transcript, SEND_HEAVY, api::sendHeavy).when(Fathom::hasDestination),
                Route.of("GET", summary, READ_HEAVY, api::readHeavy),
                Route.of("GET", transcript, READ_HEAVY, api::readHeavy),
                Route.of("POST", BASE + "/recordings/{recording_id}/download", REQUEST_DOWNLOAD, api::requestDownload),
                Route.of("DELETE", BASE + "/webhooks/{webhook_id}", DELETE_WEBHOOK, api::deleteWebhook),
                Route.anyRead(READ, api::read),
                Route.any(WRITE, api::write));
    }

    private static boolean includesHeavyParts(Target target) {
        return target.asks("include_summary", "true") || target.asks("include_transcript", "true");
    }

    private static boolean hasDestination(Target target) {
        return target.asks("destination_url");
    }
}
