package io.sluice.gateway;

import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Result;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The reads that wait for a permit and could be batched, by group. Each is in at most one group. Thread-safe. */
final class PendingReads {
    /** A read that waits for a permit. */
    static final class PendingRead {
        final Call call;
        final String id;
        /** The batch's response for this read; empty if it must be made by itself. */
        final CompletableFuture<Optional<BatchedResponse>> response = new CompletableFuture<>();

        PendingRead(Call call, String id) {
            this.call = call;
            this.id = id;
        }

        /**
         * Completes the read; the first result holds. By one thread only.
         *
         * @param how null if the read must be made by itself
         */
        void settle(@Nullable BatchedResponse how) {
            if (response.isDone()) {
                // It may be queued for itself by now.
                return;
            }
            // Again, since its thread may have queued it only after it was withdrawn there; and before it is completed,
            // since it may then be queued again.
            call.withdraw();
            response.complete(Optional.ofNullable(how));
        }
    }

    /** A batch's result for one read. */
    sealed interface BatchedResponse {
        /** A response of its own. */
        record Available(BufferedResponse buffered) implements BatchedResponse {}

        /** No response came. */
        record Unavailable(Result.Failed failed) implements BatchedResponse {}
    }

    private final Map<String, LinkedHashMap<PendingRead, Boolean>> groups = new LinkedHashMap<>(); // guarded by this

    synchronized void enter(String group, PendingRead read) {
        groups.computeIfAbsent(group, absent -> new LinkedHashMap<>()).put(read, true);
    }

    /** Removes a read; returns false if a batch has taken it. */
    synchronized boolean leave(String group, PendingRead read) {
        LinkedHashMap<PendingRead, Boolean> waiting = groups.get(group);
        boolean there = waiting != null && waiting.remove(read) != null;
        if (waiting != null && waiting.isEmpty()) {
            groups.remove(group);
        }
        return there;
    }

    /** Returns true if reads of the group are pending. */
    synchronized boolean hasPending(String group) {
        return groups.containsKey(group);
    }

    /** Takes the reads that have waited longest into a batch. */
    synchronized List<PendingRead> take(String group, int most) {
        LinkedHashMap<PendingRead, Boolean> waiting = groups.get(group);
        List<PendingRead> taken = new ArrayList<>();
        if (waiting != null) {
            Iterator<PendingRead> first = waiting.keySet().iterator();
            while (taken.size() < most && first.hasNext()) {
                taken.add(first.next());
                first.remove();
            }
            if (waiting.isEmpty()) {
                groups.remove(group);
            }
        }
        return taken;
    }
}
