package io.sluice.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithDefault;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFailureTest {
    private static final Set<String> KEYS =
            Set.of("sluice.store", "sluice.teams.*.key-hash", "sluice.teams.*.weight", "sluice.parallel");

    /** What stands for Sluice's mappings. */
    @ConfigMapping(prefix = "sluice")
    interface Mapped {
        @WithDefault("sqlite")
        String store();

        @WithDefault("1")
        int parallel();

        Map<String, Team> teams();

        /** One team. */
        interface Team {
            String keyHash();

            @WithDefault("1")
            int weight();
        }
    }

    @Test
    void everything_that_is_wrong_is_told_at_once_a_line_each() {
        Throwable failure = catchThrowable(() -> config(
                Map.of("sluice.teams.a.weight", "2", "sluice.paralel", "3", "sluice.parallel", "many"),
                Map.of("SLUICE_STROE", "postgresql")));

        String told =
                StartFailure.told(new IllegalStateException(failure), KEYS).orElseThrow();

        assertThat(told.lines().skip(1))
                .hasSize(4)
                .anyMatch(
                        line -> line.contains(
                                "sluice.paralel: there is no such key (PropertiesConfigSource[source=a file]); did you mean sluice.parallel?"))
                .anyMatch(
                        line -> line.contains("sluice.stroe: there is no such key (environment variable SLUICE_STROE);"
                                + " did you mean sluice.store?"))
                .anyMatch(line -> line.contains("sluice.teams.a.key-hash is required"))
                .anyMatch(line -> line.contains("sluice.parallel") && line.contains("many"));
        assertThat(told).startsWith("Sluice cannot start, 4 things are wrong:").doesNotContain("SRCFG");
    }

    @Test
    void every_mistake_is_a_sentence_of_ours_that_begins_with_its_key() {
        Throwable failure = catchThrowable(() -> config(
                Map.of(
                        "sluice.teams.a.key-hash", "${NOT_SET}",
                        "sluice.teams.b.key-hash", "",
                        "sluice.teams.c.weight", "2",
                        "sluice.store", "${ALSO_NOT_SET}",
                        "sluice.parallel", "many"),
                Map.of()));

        assertThat(StartFailure.told(failure, KEYS)
                        .orElseThrow()
                        .lines()
                        .skip(1)
                        .map(String::strip))
                .containsExactlyInAnyOrder(
                        "sluice.teams.a.key-hash: the variable NOT_SET, which its value names, is not set",
                        "sluice.store: the variable ALSO_NOT_SET, which its value names, is not set",
                        "sluice.teams.b.key-hash is required, and its value is empty",
                        "sluice.teams.c.key-hash is required, and no source of the configuration has it",
                        "sluice.parallel: \"many\" is no valid value: Expected an integer value, got \"many\"");
    }

    @Test
    void a_value_that_the_platform_reads_by_itself_is_told_in_the_same_way() {
        assertThat(StartFailure.told(
                        new IllegalStateException(new java.util.NoSuchElementException(
                                "SRCFG00011: Could not expand value DB_URL in property quarkus.some.url")),
                        KEYS))
                .contains(
                        "Sluice cannot start: quarkus.some.url: the variable DB_URL, which its value names, is not set");
        assertThat(StartFailure.told(
                        new IllegalArgumentException(
                                "SRCFG00039: The config property quarkus.some.number with the config value \"x\" threw an"
                                        + " Exception whilst being converted java.lang.NumberFormatException: SRCFG00029:"
                                        + " Expected an integer value, got \"x\""),
                        KEYS))
                .contains(
                        "Sluice cannot start: quarkus.some.number: \"x\" is no valid value: Expected an integer value,"
                                + " got \"x\"");
        assertThat(StartFailure.told(new IllegalArgumentException("a bug of ours"), KEYS))
                .isEmpty();
    }

    @Test
    void a_variable_is_known_if_it_has_the_form_of_a_key_that_is_asked_for() {
        SmallRyeConfig config = config(
                // The team's name has a dash, which only the file can tell.
                Map.of("sluice.teams.data-platform.weight", "2"),
                Map.of(
                        "SLUICE_TEAMS_DATA_PLATFORM_KEY_HASH", "of-the-platform",
                        "SLUICE_TEAMS_A_KEY_HASH", "of-a",
                        "SLUICE_STORE", "postgresql"));

        assertThat(config.getConfigMapping(Mapped.class).teams())
                .hasEntrySatisfying(
                        "data-platform", team -> assertThat(team.keyHash()).isEqualTo("of-the-platform"))
                .hasEntrySatisfying("a", team -> assertThat(team.keyHash()).isEqualTo("of-a"));
    }

    @Test
    void a_variable_is_known_if_another_value_is_made_of_it() {
        SmallRyeConfig config =
                config(Map.of("sluice.teams.a.key-hash", "${SLUICE_HASH_OF_A}"), Map.of("SLUICE_HASH_OF_A", "of-a"));

        assertThat(config.getConfigMapping(Mapped.class).teams().get("a"))
                .isNotNull()
                .satisfies(team -> assertThat(team.keyHash()).isEqualTo("of-a"));
    }

    @Test
    void a_variable_that_a_property_overrides_is_known() {
        SmallRyeConfig config = config(Map.of("sluice.store", "postgresql"), Map.of("SLUICE_STORE", "sqlite"), 400);

        assertThat(config.getConfigMapping(Mapped.class).store()).isEqualTo("postgresql");
    }

    @ParameterizedTest
    @CsvSource({
        "SLUICE_SERVICE_HOST, 10.0.0.7, true",
        "SLUICE_SERVICE_PORT, 80, true",
        "SLUICE_SERVICE_PORT_HTTP, 80, true",
        "SLUICE_WORKER_SERVICE_HOST, 10.0.0.7, true",
        "SLUICE_PORT, tcp://10.0.0.7:80, true",
        "SLUICE_PORT_80_TCP, tcp://10.0.0.7:80, true",
        "SLUICE_PORT_80_TCP_PORT, 80, true",
        "SLUICE_PORT, 8080, false",
        "SLUICE_STORE, sqlite, false",
        "SLUICE_SERVICE_NAME, x, false"
    })
    void what_kubernetes_says_of_a_service_is_let_be(String variable, String value, boolean ofService) {
        assertThat(VariableSources.isOfService(variable, value)).isEqualTo(ofService);
        assertThat(catchThrowable(() -> config(Map.of(), Map.of(variable, value))) == null)
                .isEqualTo(ofService || variable.equals("SLUICE_STORE"));
    }

    @Test
    void mistakes_found_later_have_a_line_each_too() {
        assertThat(StartFailure.told(new RuntimeException(new ConfigurationException("a: wrong\nb: wrong")), Set.of()))
                .hasValueSatisfying(told -> assertThat(told.lines())
                        .containsExactly("Sluice cannot start, 2 things are wrong:", "  a: wrong", "  b: wrong"));
        assertThat(StartFailure.told(new ConfigurationException("a: wrong"), Set.of()))
                .contains("Sluice cannot start: a: wrong");
        assertThat(StartFailure.told(new IllegalStateException("a mistake of ours"), Set.of()))
                .isEmpty();
    }

    private static SmallRyeConfig config(Map<String, String> file, Map<String, String> environment) {
        return config(file, environment, 250);
    }

    private static SmallRyeConfig config(Map<String, String> file, Map<String, String> environment, int ordinal) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withInterceptors(new VariableSources())
                .withSources(new PropertiesConfigSource(file, "a file", ordinal), new EnvConfigSource(environment, 300))
                .withMapping(Mapped.class)
                .build();
    }
}
