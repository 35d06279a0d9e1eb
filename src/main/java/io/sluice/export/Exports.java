package io.sluice.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.All;
import io.sluice.AccountId;
import io.sluice.call.IdempotencyConfig;
import io.sluice.call.TeamShares;
import io.sluice.export.files.ResultFiles;
import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The service behind the exports API: accepts requests for exports, finds, lists and cancels them, and opens their
 * files. Every method waits for the store unless it says otherwise.
 */
@ApplicationScoped
public class Exports {
    private static final Logger LOG = Logger.getLogger(Exports.class);

    private final ExportRequests requests;
    private final JobStore jobs;
    private final ResultFiles files;
    private final Map<String, Exporter> exporters = new TreeMap<>();
    private final ExportsConfig config;
    private final IdempotencyConfig idempotency;
    private final TeamShares flows;
    private final InstantSource clock;

    Exports(
            ExportRequests requests,
            ExportStores stores,
            ResultFiles files,
            @All List<Exporter> exporters,
            ExportsConfig config,
            IdempotencyConfig idempotency,
            TeamShares flows,
            InstantSource clock) {
        this.requests = requests;
        this.jobs = stores.jobs();
        this.files = files;
        exporters.forEach(exporter -> this.exporters.put(exporter.vendor(), exporter));
        this.config = config;
        this.idempotency = idempotency;
        this.flows = flows;
        this.clock = clock;
    }

    /** The vendors that make exports, by name. */
    public Map<String, Exporter> exporters() {
        return exporters;
    }

    /**
     * A request as it was received.
     *
     * @param parameters the request's fields beside vendor and account
     * @param fresh true if no file made before may be reused
     * @param key the caller's {@code Idempotency-Key}, if it sent one, with the hash that distinguishes this request from others
     */
    public record Request(
            String vendor,
            String account,
            String team,
            ObjectNode parameters,
            boolean fresh,
            @Nullable Key key) {}

    /** An {@code Idempotency-Key}, and the hash of the request that used it. */
    public record Key(String key, String requestHash) {}

    /** The outcome of submitting a request. */
    public sealed interface SubmitResult {
        /** The export is stored, durably. */
        record Accepted(Export export) implements SubmitResult {}

        /** The same request was accepted before under the same key: its first answer is replayed. */
        record Replayed(String firstAnswer) implements SubmitResult {}

        /** The key was used for a different request. */
        record KeyReused() implements SubmitResult {}

        /** The team has as many jobs under way as it may. */
        record TooManyOpen(int open, int limit) implements SubmitResult {}
    }

    /** Renders the text of the answer to a request, which is replayed under the same key. */
    @FunctionalInterface
    public interface ResponseRenderer {
        /** The text of the answer. */
        String render(Export export);
    }

    /**
     * Accepts a request; when this returns, it is durable.
     *
     * @throws Exporter.InvalidRequestException if the vendor could not make the export
     */
    public SubmitResult submit(Request request, ResponseRenderer renderer) {
        Exporter exporter = exporters.get(request.vendor());
        if (exporter == null) {
            throw new Exporter.InvalidRequestException(
                    "vendor " + request.vendor() + " makes no exports; these do: " + exporters.keySet());
        }
        if (!exporter.accounts().contains(request.account())) {
            throw new Exporter.InvalidRequestException(
                    request.vendor() + " has no account " + request.account() + " that can export; there are "
                            + exporter.accounts().stream().sorted().toList());
        }
        List<Exporter.PartRequest> parts = exporter.split(request.parameters());
        if (parts.size() > config.maxParts()) {
            throw new Exporter.InvalidRequestException(
                    "an export has at most " + config.maxParts() + " parts: " + parts.size());
        }
        Instant now = clock.instant();
        ExportRequests.ResolvedRequest resolved = new ExportRequests.ResolvedRequest(
                new AccountId(request.vendor(), request.account()),
                request.team(),
                flows.of(request.team()).weight(),
                exporter.slots(),
                parts,
                now,
                request.fresh() ? null : now.minus(config.freshFor()),
                now.plus(config.maxQueued()),
                config.maxOpen());
        return switch (requests.create(resolved, key(request.key()), renderer::render)) {
            case ExportRequests.CreateResult.Created(Export export) -> new SubmitResult.Accepted(export);
            case ExportRequests.CreateResult.Replayed(String firstAnswer) -> new SubmitResult.Replayed(firstAnswer);
            case ExportRequests.CreateResult.KeyReused() -> new SubmitResult.KeyReused();
            case ExportRequests.CreateResult.TooManyOpen(int open) ->
                new SubmitResult.TooManyOpen(open, config.maxOpen());
        };
    }

    private ExportRequests.@Nullable Key key(@Nullable Key given) {
        return given == null ? null : new ExportRequests.Key(given.key(), given.requestHash(), idempotency.retention());
    }

    /** Finds an export; with a team, only if it is that team's. */
    public Optional<Export> find(String export, @Nullable String team) {
        return requests.find(export, team);
    }

    /** Lists exports, the youngest first; arguments that are null do not restrict the list. */
    public List<Export> list(
            @Nullable String team,
            Export.@Nullable State state,
            @Nullable String vendor,
            @Nullable String cursor,
            int limit) {
        return requests.list(new ExportRequests.Filter(team, state, vendor), cursor, limit);
    }

    /** The backlog of each account and team that has jobs which have not ended. */
    public List<Backlog> backlogs() {
        return jobs.backlogs();
    }

    /** The exports that are queued or running, the youngest first; with a team, only that team's. */
    public List<Export> underWay(@Nullable String team, int limit) {
        return requests.underWay(team, limit);
    }

    /** The exports of a list of ids that exist, the youngest first. */
    public List<Export> find(List<String> exports) {
        return requests.find(exports);
    }

    /** The terms of an export; empty if its vendor makes no exports any more. Never waits. */
    public Exporter.Terms terms(Export export) {
        Exporter exporter = exporters.get(export.account().vendor());
        return exporter == null
                ? new Exporter.Terms(null, null, JsonNodeFactory.instance.objectNode())
                : exporter.terms(export.parameters());
    }

    /** Cancels an export's open parts; their jobs at the vendor as well, unless another export has a part in them. */
    public Optional<Export> cancel(String export, @Nullable String team) {
        return requests.cancel(export, team, clock.instant());
    }

    /**
     * Opens a part's file.
     *
     * @param from its first byte to read
     * @return empty if the stored file is missing; it is then fetched again
     */
    public Optional<InputStream> open(Export.Part part, JobState.StoredFile file, long from) throws IOException {
        try {
            return Optional.of(files.open(file.key(), from));
        } catch (NoSuchFileException lost) {
            LOG.errorf("export file is missing, fetching it again: job=%s", part.job());
            jobs.fetchAgain(
                    part.job(),
                    file.key(),
                    clock.instant(),
                    JobProblem.of(JobProblem.Kind.STORAGE_FAILED, "the stored file is gone; it is fetched again"));
            return Optional.empty();
        }
    }
}
