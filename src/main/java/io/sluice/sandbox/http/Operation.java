package io.sluice.sandbox.http;

import java.util.List;

/**
 * One kind of call of a surface.
 *
 * @param name its name in faults and reports
 * @param open answered without credentials
 * @param sink takes a body of any size, keeping only its length and digest
 */
public record Operation(
        String name, String method, PathPattern path, List<Charge> charges, boolean open, boolean sink, Work work) {
    /** Answers a call, in memory and without waiting. Runs under the lock of its {@link Vendor}. */
    @FunctionalInterface
    public interface Work {
        SandboxResponse answer(Call call);
    }
}
