package io.sluice.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.All;
import io.sluice.call.Flows;
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

/** Takes orders for exports, and shows what has become of them. Every method waits for the store unless it says not. */
@ApplicationScoped
public class Exports {
    private static final Logger LOG = Logger.getLogger(Exports.class);

    private final ExportOrders orders;
    private final ExportStore store;
    private final ResultFiles files;
    private final Map<String, Exporter> exporters = new TreeMap<>();
    private final ExportsConfig config;
    private final Flows flows;
    private final InstantSource clock;

    Exports(
            ExportOrders orders,
            ExportStore store,
            ResultFiles files,
            @All List<Exporter> exporters,
            ExportsConfig config,
            Flows flows,
            InstantSource clock) {
        this.orders = orders;
        this.store = store;
        this.files = files;
        exporters.forEach(exporter -> this.exporters.put(exporter.vendor(), exporter));
        this.config = config;
        this.flows = flows;
        this.clock = clock;
    }

    /** The vendors that make exports, by name. */
    public Map<String, Exporter> exporters() {
        return exporters;
    }

    /**
     * An order as it came.
     *
     * @param order what stands beside vendor and account
     * @param fresh whether no file that is there already will do
     * @param key the caller's {@code Idempotency-Key}, with what tells this request from others
     */
    public record Request(
            String vendor, String account, String team, ObjectNode order, boolean fresh, Optional<Key> key) {}

    /** An {@code Idempotency-Key}, and what tells the request that used it from others. */
    public record Key(String key, String requestHash) {}

    /** What came of an order. */
    public sealed interface Ordered {
        /** It is durable. */
        record Accepted(Export export) implements Ordered {}

        /** It was before, under the same key; that is what was answered. */
        record Repeated(String firstAnswer) implements Ordered {}

        /** Its key was used for another one. */
        record KeyReused() implements Ordered {}

        /** The team has too much under way. */
        record TooMuch(int open, int limit) implements Ordered {}
    }

    /** Makes the text of the answer to an order, to be repeated under the same key. */
    @FunctionalInterface
    public interface Answer {
        /** The text. */
        String to(Export export);
    }

    /**
     * Takes an order; when this returns, it is durable.
     *
     * @throws Exporter.InvalidOrderException if it makes no sense to the vendor
     */
    public Ordered order(Request request, Answer answer) {
        Exporter exporter = exporters.get(request.vendor());
        if (exporter == null) {
            throw new Exporter.InvalidOrderException(
                    "vendor " + request.vendor() + " makes no exports; these do: " + exporters.keySet());
        }
        if (!exporter.accounts().contains(request.account())) {
            throw new Exporter.InvalidOrderException(
                    request.vendor() + " has no account " + request.account() + " that can export; there are "
                            + exporter.accounts().stream().sorted().toList());
        }
        List<Exporter.PartOrder> parts = exporter.plan(request.order());
        if (parts.size() > config.maxParts()) {
            throw new Exporter.InvalidOrderException(
                    "an export has at most " + config.maxParts() + " parts: " + parts.size());
        }
        Instant now = clock.instant();
        ExportOrders.Order order = new ExportOrders.Order(
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
        Optional<ExportOrders.Key> key = request.key()
                .map(given ->
                        new ExportOrders.Key(given.key(), given.requestHash(), now.minus(config.idempotencyFor())));
        return switch (orders.place(order, key, answer::to)) {
            case ExportOrders.Placed.New(Export export) -> new Ordered.Accepted(export);
            case ExportOrders.Placed.Known(String firstAnswer) -> new Ordered.Repeated(firstAnswer);
            case ExportOrders.Placed.KeyReused() -> new Ordered.KeyReused();
            case ExportOrders.Placed.TooMuch(int open) -> new Ordered.TooMuch(open, config.maxOpen());
        };
    }

    /** An export; of that team only, if one is named. */
    public Optional<Export> find(String export, @Nullable String team) {
        return orders.find(export, team);
    }

    /** Exports, the youngest first; what is null does not matter. */
    public List<Export> list(
            @Nullable String team,
            Export.@Nullable State state,
            @Nullable String vendor,
            @Nullable String cursor,
            int limit) {
        return orders.list(new ExportOrders.Filter(team, state, vendor), cursor, limit);
    }

    /** What is not over, for each account and team that has something. */
    public List<Backlog> backlogs() {
        return store.backlogs();
    }

    /** Exports that are queued or running, the youngest first; of that team only, if one is named. */
    public List<Export> underWay(@Nullable String team, int limit) {
        return orders.underWay(team, limit);
    }

    /** Those exports of a list of ids that exist, the youngest first. */
    public List<Export> find(List<String> exports) {
        return orders.find(exports);
    }

    /** What an export was ordered with; nothing if its vendor makes no exports any more. Never waits. */
    public Exporter.Terms terms(Export export) {
        Exporter exporter = exporters.get(export.vendor());
        return exporter == null
                ? new Exporter.Terms(null, null, JsonNodeFactory.instance.objectNode())
                : exporter.terms(export.order());
    }

    /** Cancels what is not over; at the vendor as well, unless somebody else waits for the same. */
    public Optional<Export> cancel(String export, @Nullable String team) {
        return orders.cancel(export, team, clock.instant());
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
            LOG.errorf("the file of %s is gone; it is fetched again", part.job());
            store.fetchAgain(
                    part.job(),
                    file.key(),
                    clock.instant(),
                    Trouble.of(Trouble.Kind.STORAGE_FAILED, "the stored file is gone; it is fetched again"));
            return Optional.empty();
        }
    }
}
