package io.sluice.saas.clari;

import static io.sluice.saas.clari.ClariLimits.API;
import static io.sluice.saas.clari.ClariLimits.EXPORT_JOBS;
import static io.sluice.saas.clari.ClariLimits.EXPORT_QUOTA;
import static io.sluice.saas.clari.ClariLimits.INGEST;

import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.saas.Accounts;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import java.util.List;

/**
 * Clari's surface: its operations, and the factory of the surface that leads to them. A class that Clari's own bean
 * needs makes itself a surface by this factory, since it cannot ask that bean for one.
 */
final class ClariSurface {
    static final String NAME = "clari";

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

    private ClariSurface() {}

    /** The surface for Sluice's own calls. */
    static Surface of(ClariConfig config, ClariApi api) {
        return of(config, api, (call, next) -> next.apply(call));
    }

    /**
     * The surface for the calls of teams.
     *
     * @param submission the step around each submission of an export
     */
    static Surface of(ClariConfig config, ClariApi api, Route.Step submission) {
        return new Surface(
                NAME,
                NAME,
                new Accounts<>(NAME, config.accounts())
                        .at(ClariConfig.Account::url, account -> Credential.key("apikey", account.apiKey())),
                routes(api, submission),
                new ClariDialect(),
                new ClariErrors());
    }

    private static List<Route> routes(ClariApi api, Route.Step submission) {
        return List.of(
                Route.of("POST", "/v4/export/forecast/{forecast_id}", SUBMIT_EXPORT, api::submitExport)
                        .around(submission),
                Route.of("POST", "/v4/export/activity", SUBMIT_EXPORT, api::submitExport)
                        .around(submission),
                Route.of("POST", "/v4/export/audit/events", SUBMIT_EXPORT, api::submitExport)
                        .around(submission),
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
