package io.sluice.reconcile;

import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** A resolver of unknown outcomes: reconciles a write that got no response with the vendor's state. Stateless. */
@FunctionalInterface
public interface OutcomeResolver {
    /**
     * Resolves the response that the write would have got; empty if its outcome stays unknown. May wait for reads.
     *
     * @param result the result of the write; its body, if it has one, is not read here
     * @param began when it was made, by our clock
     */
    Optional<BufferedResponse> resolve(Call write, Result result, Instant began, Reader reader)
            throws InterruptedException;

    /**
     * Prepares for a write before it is made, and returns the resolver of that one write. May wait for the disk, and
     * for reads, which are cancelled when the write's caller disconnects.
     */
    default OutcomeResolver prepare(Call write, Reader reader) throws InterruptedException {
        return this;
    }

    /** Called when the write that this was prepared for was never sent, since its caller disconnected. */
    default void abandoned(Call write) {}

    /** Makes reads on behalf of the write's team, each for a permit. */
    @FunctionalInterface
    interface Reader {
        /** The response; empty if none came or its body is too large. Waits. */
        Optional<BufferedResponse> read(Operation operation, Target target, Function<Call, Response> api)
                throws InterruptedException;
    }
}
