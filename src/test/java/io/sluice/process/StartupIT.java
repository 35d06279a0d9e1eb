package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration that cannot be right stops the start with one line that names the key. */
class StartupIT {
    private static final String TEAM =
            "-Dsluice.teams.a.key-hash=7e9f8fd111802be56c379d597842e29b2cebd35ff2133d431a49fa556a18704e";
    private static final String SECRET = "sk_live_never-shown";
    private static final String CLERK = "-Dsluice.clerk.accounts.default.secret-key=" + SECRET;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "sluice.cleerk.accounts.default.secret-key",
                        List.of(TEAM, "-Dsluice.cleerk.accounts.default.secret-key=" + SECRET)),
                Arguments.of(
                        "sluice.clerk.accounts.default.limits.instance.permits",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.accounts.default.limits.instance.permits=0")),
                Arguments.of(
                        "sluice.clerk.accounts.default.limits.instance.window",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.accounts.default.limits.instance.window=-1s")),
                Arguments.of(
                        "sluice.clerk.accounts.default.limits.instants",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.accounts.default.limits.instants.permits=1")),
                Arguments.of(
                        "sluice.clerk.accounts.default.url",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.accounts.default.url=api.clerk.com")),
                Arguments.of(
                        "sluice.clerk.operations.raed-user",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.operations.raed-user.call-timeout=5s")),
                Arguments.of(
                        "sluice.clerk.operations.read-user.call-timeout",
                        List.of(TEAM, CLERK, "-Dsluice.clerk.operations.read-user.call-timeout=0s")),
                Arguments.of("sluice.teams.b.key-hash", List.of(TEAM, CLERK, TEAM.replace("teams.a", "teams.b"))),
                Arguments.of("sluice.teams", List.of(CLERK)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void a_mistake_stops_the_start_with_one_line_that_names_the_key(String key, List<String> settings)
            throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(settings.toArray(String[]::new))) {
            assertThat(sluice.ended()).isNotZero();

            List<String> telling =
                    sluice.log().lines().filter(line -> line.contains(key)).toList();
            assertThat(telling).as(sluice.log()).hasSize(1);
            assertThat(sluice.log()).doesNotContain("\tat io.").doesNotContain(SECRET);
        }
    }
}
