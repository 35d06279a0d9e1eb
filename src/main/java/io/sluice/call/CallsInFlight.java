package io.sluice.call;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The calls that are being made, by their ids. Holds a call exactly as long as somebody drives it. */
@ApplicationScoped
public class CallsInFlight {
    private final Map<String, Call> calls = new ConcurrentHashMap<>();

    /** Makes a call known to the request filter until the result is closed. */
    public Entry enter(Call call) {
        if (calls.putIfAbsent(call.id(), call) != null) {
            throw new IllegalStateException("a call with the id " + call.id() + " is in flight already");
        }
        return () -> calls.remove(call.id());
    }

    Optional<Call> find(String id) {
        return Optional.ofNullable(calls.get(id));
    }

    /** A call's stay among those in flight. */
    @FunctionalInterface
    public interface Entry extends AutoCloseable {
        @Override
        void close();
    }
}
