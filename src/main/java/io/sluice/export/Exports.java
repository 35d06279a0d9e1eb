package io.sluice.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.All;
import io.sluice.call.IdempotencyConfig;
import io.sluice.call.TeamShares;
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

/** Accepts requests for exports, and shows what has become of them. Every method waits for the store unless it says not. */
@ApplicationScoped
public class Exports {
    private static final Logger LOG = Logger.getLogger(Exports.class);

    private final ExportRequests requests;
    private final ExportStore store;
    private final ResultFiles files;
    private final Map<String, Exporter> exporters = new TreeMap<>();
    private final ExportsConfig config;
    private final IdempotencyConfig idempotency;
    private final TeamShares flows;
    private final InstantSource clock;

    Exports(
            ExportRequests requests,
            ExportStore store,
            ResultFiles files,
            @All List<Exporter> exporters,
            ExportsConfig config,
            IdempotencyConfig idempotency,
            TeamShares flows,
            InstantSource clock) {
        this.requests = requests;
        this.store = store;
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
     * A request as it came.
     *
     * @param parameters what stands beside vendor and account
     * @param fresh whether no file that is there already will do
     * @param key the caller's {@code Idempotency-Key}, with what tells this request from others
     */
    public record Request(
            String vendor, String account, String team, ObjectNode parameters, boolean fresh, Optional<Key> key) {}

    /** An {@code Idempotency-Key}, and what tells the request that used it from others. */
    public record Key(String key, String requestHash) {}

    /** What came of a request. */
    public sealed interface SubmitResult {
        /** It is durable. */
        record Accepted(Export export) implements SubmitResult {}

        /** It was before, under the same key; that is what was answered. */
        record Replayed(String firstAnswer) implements SubmitResult {}

        /** Its key was used for another one. */
        record KeyReused() implements SubmitResult {}

        /** The team has too much under way. */
        record TooManyOpen(int open, int limit) implements SubmitResult {}
    }

    /** Makes the text of the answer to a request, to be repeated under the same key. */
    @FunctionalInterface
    public interface ResponseRenderer {
        /** The text. */
        String render(Export export);
    }

    /**
     * Takes a request; when this returns, it is durable.
     *
     * @throws Exporter.InvalidRequestException if it makes no sense to the vendor
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
                request.vendor(),
                request.account(),
                request.team(),
                flows.of(request.team()).weight(),
                exporter.slots(),
                parts,
                now,
                request.fresh() ? null : now.minus(config.freshFor()),
                now.plus(config.maxQueued()),
                config.maxOpen());
        Optional<ExportRequests.Key> key = request.key()
                .map(given ->
                        new ExportRequests.Key(given.key(), given.requestHash(), now.minus(idempotency.retention())));
        return switch (requests.create(resolved, key, renderer::render)) {
            case ExportRequests.CreateResult.Created(Export export) -> new SubmitResult.Accepted(export);
            case ExportRequests.CreateResult.Replayed(String firstAnswer) -> new SubmitResult.Replayed(firstAnswer);
            case ExportRequests.CreateResult.KeyReused() -> new SubmitResult.KeyReused();
            case ExportRequests.CreateResult.TooManyOpen(int open) ->
                new SubmitResult.TooManyOpen(open, config.maxOpen());
        };
    }

    /** An export; of that team only, if one is named. */
    public Optional<Export> find(String export, @Nullable String team) {
        return requests.find(export, team);
    }

    /** Exports, the youngest first; what is null does not matter. */
    public List<Export> list(
            @Nullable String team,
            Export.@Nullable State state,
            @Nullable String vendor,
            @Nullable String cursor,
            int limit) {
        return requests.list(new ExportRequests.Filter(team, state, vendor), cursor, limit);
    }

    /** What is not over, for each account and team that has something. */
    public List<Backlog> backlogs() {
        return store.backlogs();
    }

    /** Exports that are queued or running, the youngest first; of that team only, if one is named. */
    public List<Export> underWay(@Nullable String team, int limit) {
        return requests.underWay(team, limit);
    }

    /** Those exports of a list of ids that exist, the youngest first. */
    public List<Export> find(List<String> exports) {
        return requests.find(exports);
    }

    /** What an export was requested with; nothing if its vendor makes no exports any more. Never waits. */
    public Exporter.Terms terms(Export export) {
        Exporter exporter = exporters.get(export.vendor());
        return exporter == null
                ? new Exporter.Terms(null, null, JsonNodeFactory.instance.objectNode())
                : exporter.terms(export.parameters());
    }

    /** Cancels what is not over; at the vendor as well, unless somebody else waits for the same. */
    public Optional<Export> cancel(String export, @Nullable String team) {
        return requests.cancel(export, team, clock.instant());
    }

    /**
     * Opens a part's file.
     *
     * @param from its first byte to read
     * @return nothing if the file is not where it was put; then it is fetched again
     */
    public Optional<InputStream> open(Export.Part part, JobState.StoredFile file, long from) throws IOException {
        try {
            return Optional.of(files.open(file.key(), from));
        } catch (NoSuchFileException lost) {
            LOG.errorf("export file is missing, fetching it again: job=%s", part.job());
            store.fetchAgain(
                    part.job(),
                    file.key(),
                    clock.instant(),
                    JobProblem.of(JobProblem.Kind.STORAGE_FAILED, "the stored file is gone; it is fetched again"));
            return Optional.empty();
        }
    }
}
