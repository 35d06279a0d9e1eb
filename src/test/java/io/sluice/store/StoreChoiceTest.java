package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.PropertiesLocationConfigSourceFactory;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreChoiceTest {
    private static final String SQLITE = "quarkus.datasource.sqlite.active";
    private static final String POSTGRESQL = "quarkus.datasource.postgresql.active";

    @TempDir
    Path folder;

    @Test
    void a_file_that_the_locations_name_chooses_the_store() throws IOException {
        Path file = Files.writeString(folder.resolve("sluice.properties"), "sluice.store=postgresql");

        SmallRyeConfig config = builder()
                .withSources(properties(Map.of("smallrye.config.locations", file.toString()), 300))
                .withSources(new PropertiesLocationConfigSourceFactory())
                .build();

        assertThat(active(config, POSTGRESQL)).isTrue();
        assertThat(active(config, "quarkus.flyway.postgresql.active")).isTrue();
        assertThat(active(config, SQLITE)).isFalse();
        assertThat(active(config, "quarkus.flyway.sqlite.active")).isFalse();
    }

    @Test
    void so_does_the_environment_and_so_does_a_property() {
        assertThat(active(
                        builder()
                                .withSources(new EnvConfigSource(Map.of("SLUICE_STORE", "PostgreSQL"), 300))
                                .build(),
                        POSTGRESQL))
                .isTrue();
        assertThat(active(
                        builder()
                                .withSources(properties(Map.of("sluice.store", "postgresql"), 400))
                                .build(),
                        POSTGRESQL))
                .isTrue();
    }

    @Test
    void an_expression_and_a_profile_are_followed() {
        SmallRyeConfig config = builder()
                .withProfile("prod")
                .withSources(properties(Map.of("%prod.sluice.store", "${store}", "store", "postgresql"), 300))
                .build();

        assertThat(active(config, POSTGRESQL)).isTrue();
    }

    @Test
    void without_a_choice_it_is_sqlite() {
        SmallRyeConfig config = builder().build();

        assertThat(active(config, SQLITE)).isTrue();
        assertThat(active(config, POSTGRESQL)).isFalse();
        // Otherwise the platform would keep these values when it builds the application.
        Set<String> names = new HashSet<>();
        config.getPropertyNames().forEach(names::add);
        assertThat(names).doesNotContain(SQLITE, POSTGRESQL);
    }

    @Test
    void what_an_operator_says_of_a_data_source_holds() {
        SmallRyeConfig config = builder()
                .withSources(properties(Map.of("sluice.store", "postgresql", SQLITE, "true"), 300))
                .build();

        assertThat(active(config, SQLITE)).isTrue();
        assertThat(active(config, POSTGRESQL)).isTrue();
    }

    private static boolean active(SmallRyeConfig config, String key) {
        return config.getValue(key, Boolean.class);
    }

    private static SmallRyeConfigBuilder builder() {
        return new SmallRyeConfigBuilder().addDefaultInterceptors().withInterceptors(new StoreChoice());
    }

    private static PropertiesConfigSource properties(Map<String, String> values, int ordinal) {
        return new PropertiesConfigSource(values, "properties", ordinal);
    }
}
