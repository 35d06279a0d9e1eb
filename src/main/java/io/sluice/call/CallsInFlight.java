package io.sluice.call;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The registry of the calls that are being made, by their ids. Contains a call exactly as long as a thread drives it.
 */
@ApplicationScoped
public class CallsInFlight {
    private final Map<String, Call> calls = new ConcurrentHashMap<>();

    /** Registers a call, so that the request filter finds it, until the entry is closed. */
    public Entry enter(Call call) {
        if (calls.putIfAbsent(call.id(), call) != null) {
            throw new IllegalStateException("a call with the id " + call.id() + " is in flight already");
        }
        return () -> calls.remove(call.id());
    }

    Optional<Call> find(String id) {
        return Optional.ofNullable(calls.get(id));
    }

    /** A call's stay in the registry. */
    @FunctionalInterface
    public interface Entry extends AutoCloseable {
        @Override
        void close();
    }
}
