package io.sluice.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.All;
import io.quarkus.smallrye.faulttolerance.runtime.QuarkusFaultToleranceOperationProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.sluice.budget.window.Limit;
import io.smallrye.faulttolerance.config.FaultToleranceOperation;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What fault tolerance makes of the backstop, with accounts in a file that the locations name. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@TestProfile(RateLimitBackstopConfigTest.InAFile.class)
class RateLimitBackstopConfigTest {
    /** Two production accounts of Clerk: 1000 calls in 10 s each. */
    public static final class InAFile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path file = Files.createTempFile("accounts", ".properties");
                Files.writeString(file, """
                        sluice.clerk.accounts.eu.secret-key=sk_live_of-the-eu
                        sluice.clerk.accounts.us.secret-key=sk_live_of-the-us
                        quarkus.fault-tolerance."io.sluice.vendor.clerk.ClerkApi$$CDIWrapper/countUsers".rate-limit.value=7
                        """);
                return Map.of("smallrye.config.locations", file.toUri().toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

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
