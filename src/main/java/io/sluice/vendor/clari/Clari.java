package io.sluice.vendor.clari;

import static io.sluice.vendor.clari.ClariLimits.API;
import static io.sluice.vendor.clari.ClariLimits.EXPORT_JOBS;
import static io.sluice.vendor.clari.ClariLimits.EXPORT_QUOTA;
import static io.sluice.vendor.clari.ClariLimits.INGEST;

import io.sluice.budget.window.Limit;
import io.sluice.call.Call;
import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.vendor.Accounts;
import io.sluice.vendor.CredentialProbe;
import io.sluice.vendor.OperationConfig;
import io.sluice.vendor.Route;
import io.sluice.vendor.Surface;
import io.sluice.vendor.Vendor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Clari, a revenue platform: its surface, operations, accounts and limits. */
@ApplicationScoped
public class Clari implements Vendor {
    private static final String NAME = "clari";

    private static final Operation READ = Operation.read("read", API);
    private static final Operation READ_JOB = Operation.read("read-job", API);
    private static final Operation READ_RESULTS = Operation.read("read-results", API);
    private static final Operation READ_LIMITS = Operation.read("read-limits", API);
    static final Operation SUBMIT_EXPORT = Operation.write("submit-export", API, EXPORT_JOBS, EXPORT_QUOTA);
    private static final Operation CANCEL_EXPORT = Operation.idempotentWrite("cancel-export", API);
    private static final Operation INGEST_RECORDS = Operation.write("ingest", INGEST);
    private static final Operation INGEST_FILE = Operation.write("ingest-file", INGEST);
    private static final Operation WRITE = Operation.write("write", API);

    /** All operations, in the order above. */
    static final List<Operation> OPERATIONS = List.of(
            READ,
            READ_JOB,
            READ_RESULTS,
            READ_LIMITS,
            SUBMIT_EXPORT,
            CANCEL_EXPORT,
            INGEST_RECORDS,
            INGEST_FILE,
            WRITE);

    private final ClariConfig config;
    private final List<Surface> surfaces;

    Clari(ClariConfig config, @RestClient ClariApi api, MountSubmission mountSubmission) {
        Accounts<ClariConfig.Account> accounts = new Accounts<>(NAME, config.accounts());
        this.config = config;
        this.surfaces = List.of(new Surface(
                NAME,
                NAME,
                accounts.at(ClariConfig.Account::url, account -> Credential.key("apikey", account.apiKey())),
                routes(api, mountSubmission),
                new ClariDialect(),
                new ClariErrors()));
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
        return List.of(new CredentialProbe(surfaces.getFirst(), "/v4/admin/limits"));
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
        return new Accounts<>(NAME, config.accounts()).limits(account -> ClariLimits.DEFAULTS);
    }

    static Map<String, List<Limit>> limits(ClariConfig config) {
        return new Accounts<>(NAME, config.accounts())
                .limits(account -> ClariLimits.DEFAULTS, ClariConfig.Account::limits);
    }

    private static List<Route> routes(ClariApi api, MountSubmission mountSubmission) {
        Function<Call, Response> submit = call -> mountSubmission.submit(call, api::submitExport);
        return List.of(
                Route.of("POST", "/v4/export/forecast/{forecast_id}", SUBMIT_EXPORT, submit),
                Route.of("POST", "/v4/export/activity", SUBMIT_EXPORT, submit),
                Route.of("POST", "/v4/export/audit/events", SUBMIT_EXPORT, submit),
                Route.of("GET", "/v4/export/jobs/{job_id}", READ_JOB, api::readJob),
                Route.of("PATCH", "/v4/export/jobs/{job_id}", CANCEL_EXPORT, api::cancelExport),
                Route.of("GET", "/v4/export/jobs/{job_id}/results", READ_RESULTS, api::readResults),
                Route.of("GET", "/v4/admin/limits", READ_LIMITS, api::readLimits),
                // The one response that links back to the vendor: its nextLink is an absolute URL.
                Route.of("GET", "/v4/audit/events", READ, api::read).linking("nextLink"),
                Route.of("POST", "/v2/ingest/entity/{entity}", INGEST_RECORDS, api::ingest),
                Route.of("POST", "/v2/ingest/bulk/entity/{entity}", INGEST_FILE, api::ingestFile),
                Route.anyRead(READ, api::read),
                Route.any(WRITE, api::write));
    }
}
