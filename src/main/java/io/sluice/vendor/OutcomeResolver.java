package io.sluice.vendor;

import io.sluice.cache.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Finds out what became of a write whose first answer never came. Stateless. */
@FunctionalInterface
public interface OutcomeResolver {
    /**
     * The answer that the write would have got, if that can be told; may wait for reads.
     *
     * @param result what the write came to; its body, if it has one, is not read here
     * @param began when it was made, by our clock
     */
    Optional<BufferedResponse> resolve(Call write, Result result, Instant began, Reader reader)
            throws InterruptedException;

    /**
     * Gets ready before a write is made; what it returns settles that one write. May wait for the disk, and for reads, which give
     * up when the write's caller does.
     */
    default OutcomeResolver prepare(Call write, Reader reader) throws InterruptedException {
        return this;
    }

    /** Hears that the write for which this is ready was never sent, since its caller left. */
    default void abandoned(Call write) {}

    /** Makes a read in the write's name, for a permit. */
    @FunctionalInterface
    interface Reader {
        /** The answer, or nothing if none came or its body is too large. Waits. */
        Optional<BufferedResponse> read(Operation operation, Target target, Function<Call, Response> api)
                throws InterruptedException;
    }
}
