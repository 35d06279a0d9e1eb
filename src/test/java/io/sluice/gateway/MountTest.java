package io.sluice.gateway;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.budget.Budget;
import io.sluice.cache.CachedReads;
import io.sluice.cache.ResponseCache;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the tests of the mounts have in common: a stub vendor, the sandbox, and circuit breakers that are closed. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // the test framework fills the fields
abstract class MountTest {
    StubVendor stub;

    @Inject
    CircuitBreakers breakers;

    @Inject
    Budget budget;

    @Inject
    ResponseCache cache;

    @Inject
    CachedReads reads;

    @BeforeEach
    void forget() throws IOException {
        stub.reset();
        budget.states().forEach(account -> cache.invalidateAll(AccountId.parse(account.account())));
        breakers.reset();
        Caller.call("DELETE", "/sandbox/faults");
        Caller.call("DELETE", "/sandbox/report");
    }

    /** Waits for a condition that another thread brings about; {@code condition} names it where it does not come. */
    static void await(String condition, BooleanSupplier done) throws InterruptedException {
        for (int tries = 0; tries < 2_000; tries++) {
            if (done.getAsBoolean()) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("not within the time: " + condition);
    }

    /** Has the sandbox misbehave. */
    static void fault(String json) {
        try {
            Caller.Reply reply = Caller.callWith(json, "POST", "/sandbox/faults");
            if (reply.status() != 201) {
                throw new AssertionError(reply.text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
