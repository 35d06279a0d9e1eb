package io.sluice.sandbox.clari;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Vendor;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An export job. Its state follows from the time that has passed, so nothing has to run for it to make progress.
 * Guarded by the lock of its {@link Vendor}.
 */
final class ClariJob {
    private static final long KEPT_MS = TimeUnit.DAYS.toMillis(30);

    enum State {
        SCHEDULED,
        STARTED,
        DONE,
        FAILED,
        CANCELLED,
        ABORTED;

        boolean over() {
            return this != SCHEDULED && this != STARTED;
        }
    }

    /**
     * The request of an export job.
     *
     * @param subject the forecast's id, or the name of another module
     * @param period the time period of a forecast, empty for other modules
     */
    record Order(String module, String subject, String period, String format, JsonObject options) {}

    private final String id;
    private final Order order;
    private final long createdAt; // epoch milliseconds, as all times here
    private final long startsAt;
    private final long endsAt;
    private final State end;
    private @Nullable State cancelledAs;
    private long cancelledAt;
    private int downloads;

    /** @param end its final state unless it is cancelled */
    ClariJob(String id, Order order, long createdAt, long scheduledFor, long startedFor, State end) {
        this.id = id;
        this.order = order;
        this.createdAt = createdAt;
        this.startsAt = createdAt + scheduledFor;
        this.endsAt = startsAt + startedFor;
        this.end = end;
    }

    String id() {
        return id;
    }

    Order order() {
        return order;
    }

    long createdAt() {
        return createdAt;
    }

    State state(long now) {
        if (cancelledAs != null) {
            return cancelledAs;
        }
        if (now < startsAt) {
            return State.SCHEDULED;
        }
        return now < endsAt ? State.STARTED : end;
    }

    /** True if it counts against the quota: a cancelled job returns its unit. */
    boolean counted() {
        return cancelledAs == null;
    }

    /** Cancels the job; false if it had ended already. */
    boolean cancel(long now) {
        State state = state(now);
        if (state.over()) {
            return false;
        }
        cancelledAs = state == State.SCHEDULED ? State.CANCELLED : State.ABORTED;
        cancelledAt = now;
        return true;
    }

    void downloaded() {
        downloads++;
    }

    JsonObject json(long now, String doneState) {
        State state = state(now);
        JsonObject json = Json.of(
                "jobId",
                id,
                "userId",
                7,
                "orgId",
                ClariErrors.ORGANIZATION,
                "title",
                order.module().equals("FORECAST") ? "Forecast Export" : order.module(),
                "module",
                order.module(),
                "startTime",
                createdAt,
                "version",
                1,
                "fileName",
                "clari_export_" + id + "." + order.format().toLowerCase(Locale.ROOT),
                "fileType",
                order.format(),
                "status",
                state == State.DONE ? doneState : state.name(),
                "viewed",
                downloads > 0,
                "cellsTruncated",
                false,
                "rowsTruncated",
                false,
                "downloads",
                downloads,
                "currency",
                order.options().getString("currency"),
                "deliveryStatusMap",
                new JsonObject());
        if (state.over()) {
            long endedAt = cancelledAs == null ? endsAt : cancelledAt;
            json.put("endTime", endedAt).put("expiredTime", endedAt + KEPT_MS);
        }
        if (state == State.FAILED) {
            json.put("message", "the export failed on request");
        }
        return json;
    }
}
