package io.sluice.gateway;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.budget.Budget;
import io.smallrye.faulttolerance.api.CircuitBreakerMaintenance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.BeforeEach;

/** What the tests of the mounts have in common: a stub vendor, the sandbox, and circuit breakers that are closed. */
@QuarkusTest
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // the test framework fills the fields
abstract class MountTest {
    StubVendor stub;

    @Inject
    CircuitBreakerMaintenance breakers;

    @Inject
    Budget budget;

    @BeforeEach
    void forget() throws IOException {
        stub.reset();
        breakers.resetAll();
        Caller.call("DELETE", "/sandbox/faults");
        Caller.call("DELETE", "/sandbox/report");
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
