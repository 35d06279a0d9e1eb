package io.sluice.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.readme.ConfigKeys;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SysPropConfigSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Earlier names of configuration keys stop the start, with the present name, whatever source they come from. */
@Isolated("sets system properties, which applications of other tests would read")
class RenamedKeysTest {
    private static final Set<String> KEYS = ConfigKeys.withDefaults().keySet();

    @Test
    void every_present_name_is_a_key_and_no_earlier_name_is() {
        RenamedKeys.all()
                .forEach((earlier, present) -> assertThat(KEYS)
                        .contains(present.replace("*", "<>"))
                        .doesNotContain(earlier.replace("*", "<>")));
    }

    @Test
    void earlier_names_in_a_file_are_refused_with_the_present_ones() {
        assertThat(refused(new PropertiesConfigSource(values(earlierNames()), "sluice.properties", 250)))
                .containsExactlyInAnyOrderElementsOf(lines("PropertiesConfigSource[source=sluice.properties]"));
    }

    @Test
    void earlier_names_in_system_properties_are_refused_with_the_present_ones() {
        List<String> keys = earlierNames();
        keys.forEach(key -> System.setProperty(key, "1"));
        try {
            // An application of another test may have left properties of its own, which are none of these.
            assertThat(refused(new SysPropConfigSource()))
                    .filteredOn(line -> line.contains(": was renamed to "))
                    .containsExactlyInAnyOrderElementsOf(lines("SysPropConfigSource"));
        } finally {
            keys.forEach(System::clearProperty);
        }
    }

    @Test
    void earlier_names_in_environment_variables_are_refused_with_the_present_ones() {
        Map<String, String> variables =
                values(earlierNames().stream().map(RenamedKeysTest::variable).toList());

        List<String> refused = refused(new EnvConfigSource(variables, 300));

        assertThat(refused).hasSameSizeAs(variables.keySet());
        RenamedKeys.all()
                .forEach((earlier, present) -> assertThat(refused)
                        .filteredOn(line -> line.endsWith("(environment variable " + variable(named(earlier)) + ")"))
                        .singleElement()
                        .asString()
                        .contains(": was renamed to " + named(present) + " ("));
    }

    @Test
    void a_key_that_was_never_called_otherwise_has_no_present_name() {
        assertThat(RenamedKeys.presentName("sluice.exports.first-poll")).isEmpty();
        assertThat(RenamedKeys.presentName("sluice.exports.refreshing")).isEmpty();
        assertThat(RenamedKeys.presentName("sluice.customerio.accounts.passing-reasons"))
                .isEmpty();
    }

    @Test
    void a_name_of_the_users_is_kept_as_it_is_written() {
        assertThat(RenamedKeys.presentName("sluice.customerio.accounts.\"eu.West-1\".passing-reasons"))
                .contains("sluice.customerio.accounts.\"eu.West-1\".transient-reasons");
    }

    @Test
    void the_earlier_name_of_a_plan_is_refused_with_the_present_one() {
        assertThat(refused(new PropertiesConfigSource(
                        Map.of("sluice.customerio.accounts.acme.plan", "usual"), "sluice.properties", 250)))
                .singleElement()
                .asString()
                .contains("sluice.customerio.accounts.acme.plan", "usual", "observed");
    }

    private static List<String> lines(String source) {
        return RenamedKeys.all().entrySet().stream()
                .map(renamed ->
                        named(renamed.getKey()) + ": was renamed to " + named(renamed.getValue()) + " (" + source + ")")
                .toList();
    }

    private static List<String> earlierNames() {
        return RenamedKeys.all().keySet().stream().map(RenamedKeysTest::named).toList();
    }

    private static String named(String key) {
        return key.replace("*", "acme");
    }

    private static String variable(String key) {
        return key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
    }

    private static Map<String, String> values(List<String> keys) {
        return keys.stream().collect(Collectors.toMap(key -> key, key -> "1", (one, other) -> one, TreeMap::new));
    }

    /** What the operator is told: one line for each mistake. */
    private static List<String> refused(ConfigSource source) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withInterceptors(new VariableSources())
                .withSources(source);
        ConfigKeys.mappings().forEach(builder::withMapping);
        Throwable failure = catchThrowable(builder::build);
        assertThat(failure).isNotNull();
        String told = StartFailure.told(failure, KEYS).orElseThrow();
        return told.contains(System.lineSeparator())
                ? told.lines().skip(1).map(String::strip).toList()
                : List.of(told.replace("Sluice cannot start: ", ""));
    }
}
