package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.All;
import io.quarkus.smallrye.faulttolerance.runtime.QuarkusFaultToleranceOperationProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.sluice.budget.window.Limit;
import io.sluice.gateway.Impatient;
import io.smallrye.faulttolerance.config.FaultToleranceOperation;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What fault tolerance makes of the backstop, with accounts in a file that the locations name. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(Impatient.class)
class RateLimitBackstopConfigTest {
    @Inject
    QuarkusFaultToleranceOperationProvider operations;

    @Inject
    @All
    List<Vendor> vendors;

    @Test
    void the_backstops_follow_the_accounts_in_the_file() {
        long allowed = vendors.stream()
                .filter(vendor -> vendor.name().equals("clerk"))
                .flatMap(vendor -> vendor.limits().values().stream())
                .flatMap(List::stream)
                .filter(limit -> limit.name().equals("instance"))
                .map(Limit.Rate.class::cast)
                .mapToLong(rate ->
                        rate.permits() * Math.ceilDiv(10_000L, rate.window().toMillis()) + rate.burst())
                .sum();

        FaultToleranceOperation readUser = operation("ClerkApi", "readUser");

        assertThat(allowed).isGreaterThanOrEqualTo(2_100);
        assertThat(readUser.getRateLimit().value()).isEqualTo((int) (10 * allowed));
        assertThat(Duration.of(
                        readUser.getRateLimit().window(),
                        readUser.getRateLimit().windowUnit()))
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_backstop_that_an_operator_gives_in_so_many_words_is_used() {
        assertThat(operation("ClerkApi", "countUsers").getRateLimit().value()).isEqualTo(7);
    }

    private FaultToleranceOperation operation(String api, String method) {
        return operations.getOperationCache().values().stream()
                .filter(operation -> operation.getName().contains(api + "$$CDIWrapper")
                        && operation.getName().endsWith(method))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there are "
                        + operations.getOperationCache().values().stream()
                                .map(FaultToleranceOperation::getName)
                                .toList()));
    }
}
