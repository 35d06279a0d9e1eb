package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of configuration keys against the code, both ways, and the examples. */
class ConfigurationTest {
    private static final Map<String, String> KEYS = ConfigKeys.withDefaults();

    private final Page page = Page.of("configuration.md");
    private final List<List<String>> rows = page.table("key");

    @Test
    void finds_the_keys_of_nested_maps_and_inherited_groups() {
        assertThat(KEYS)
                .containsEntry("sluice.permit-wait.default", "30s")
                .containsEntry("sluice.teams.<>.key-hash", "required")
                .containsEntry("sluice.clerk.accounts.<>.limits.<>.permits", "-")
                .containsEntry("sluice.sandbox.clari.latency", "0ms");
    }

    @Test
    void every_key_has_one_row_with_its_default() {
        Map<String, List<String>> documented = new TreeMap<>();
        Map<String, List<String>> expected = new TreeMap<>();
        KEYS.forEach((key, value) -> {
            documented.put(key, defaultsOfRowsFor(key));
            expected.put(key, List.of(value));
        });

        assertThat(documented).isEqualTo(expected);
    }

    @Test
    void every_row_is_about_a_key_that_exists() {
        List<String> unknown = rows.stream()
                .map(row -> Page.code(row.getFirst()).getFirst())
                .filter(documented -> KEYS.keySet().stream().noneMatch(key -> covers(documented, key)))
                .toList();

        assertThat(unknown).isEmpty();
    }

    @Test
    void every_row_says_what_the_key_means_and_where_the_default_is_from() {
        assertThat(rows)
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).hasSize(4).noneMatch(String::isEmpty));
    }

    @Test
    void the_examples_are_valid_configurations() throws IOException {
        for (String example : page.blocks("properties")) {
            assertThat(load(example)).as(example).isNotNull();
        }
        assertThatThrownBy(() -> load("sluice.no-such-key=1")).hasMessageContaining("sluice.no-such-key");
    }

    private List<String> defaultsOfRowsFor(String key) {
        return rows.stream()
                .filter(row -> covers(Page.code(row.getFirst()).getFirst(), key))
                .map(row -> row.get(1).replace("`", ""))
                .toList();
    }

    /** A name in angle brackets stands for one name of the user's, or for each of ours. */
    private static boolean covers(String documented, String key) {
        String pattern = Pattern.compile("<[^>]+>")
                .splitAsStream(documented + ".")
                .map(Pattern::quote)
                .collect(Collectors.joining("(<>|[^.<>]+)"));
        return (key + ".").matches(pattern);
    }

    private static SmallRyeConfig load(String example) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(example.replaceAll("\\$\\{[^}]+}", "from-the-environment")));
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(values, "configuration.md", 100));
        ConfigKeys.mappings().forEach(builder::withMapping);
        return builder.build();
    }
}
