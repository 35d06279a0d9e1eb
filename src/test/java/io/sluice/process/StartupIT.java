package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration that cannot be right stops the start with one line for each mistake, which names the key. */
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

    static Stream<Arguments> told() {
        return Stream.of(
                Arguments.of(
                        "several mistakes in the mappings and under unknown keys",
                        Map.of("SLUICE_CLEERK_ACCOUNTS_EU_SECRET_KEY", SECRET, "SLUICE_TEAMS_B_KEY_HASH", "of-nothing"),
                        List.of(TEAM, CLERK, "-Dsluice.exports.first-pol=1s", "-Dsluice.exports.max-concurrent=many"),
                        List.of(
                                "sluice.cleerk.accounts.eu.secret.key: there is no such key (environment variable"
                                        + " SLUICE_CLEERK_ACCOUNTS_EU_SECRET_KEY); did you mean"
                                        + " sluice.clerk.accounts.eu.secret-key?",
                                "sluice.exports.first-pol: there is no such key (SysPropConfigSource); did you mean"
                                        + " sluice.exports.first-poll?",
                                "sluice.exports.max-concurrent",
                                "sluice.teams.b.key-hash must be the SHA-256")),
                Arguments.of(
                        "several mistakes in what is made of the configuration",
                        Map.of(),
                        List.of(
                                TEAM,
                                CLERK,
                                "-Dsluice.clerk.accounts.default.limits.instance.permits=0",
                                "-Dsluice.fathom.accounts.default.api-key=secret",
                                "-Dsluice.fathom.accounts.default.url=nowhere",
                                "-Dsluice.permit-wait.default=1h"),
                        List.of(
                                "sluice.clerk.accounts.default.limits.instance.permits: ",
                                "sluice.fathom.accounts.default.url: ",
                                "sluice.permit-wait.default: ")),
                Arguments.of(
                        "earlier names of keys",
                        Map.of("SLUICE_BODIES_KEPT_TOGETHER", "1M"),
                        List.of(TEAM, CLERK, "-Dsluice.remember=false", "-Dsluice.exports.idempotency-for=1h"),
                        List.of(
                                "sluice.bodies.kept.together: was renamed to sluice.bodies.buffer-total (environment"
                                        + " variable SLUICE_BODIES_KEPT_TOGETHER)",
                                "sluice.remember: was renamed to sluice.budget.persist (SysPropConfigSource)",
                                "sluice.exports.idempotency-for: was renamed to sluice.idempotency.retention"
                                        + " (SysPropConfigSource)")),
                Arguments.of(
                        "locations",
                        Map.of("SMALLRYE_CONFIG_LOCATIONS", "/none/sluice.properties,/none/sluice.yaml,/none/folder"),
                        List.of(TEAM, CLERK),
                        List.of(
                                "smallrye.config.locations: /none/sluice.properties does not exist",
                                "smallrye.config.locations: /none/sluice.yaml does not exist",
                                "smallrye.config.locations: /none/folder does not exist")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void told(String what, Map<String, String> environment, List<String> settings, List<String> lines)
            throws Exception {
        try (SluiceProcess sluice = SluiceProcess.startPackaged(environment, settings.toArray(String[]::new))) {
            assertThat(sluice.ended()).isNotZero();

            assertThat(sluice.log()).contains(lines.size() + " things are wrong");
            assertThat(lines)
                    .allSatisfy(line -> assertThat(sluice.log().lines().filter(logged -> logged.contains(line)))
                            .as(sluice.log())
                            .hasSize(1));
            assertThat(sluice.log().lines().dropWhile(line -> !line.contains("Sluice cannot start")))
                    .as(sluice.log())
                    .hasSize(lines.size() + 1);
            assertThat(sluice.log()).doesNotContain(SECRET);
        }
    }
}
