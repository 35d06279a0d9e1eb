package io.sluice.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.quarkus.runtime.configuration.ConfigurationException;
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

class LocationSourcesTest {
    @TempDir
    Path folder;

    @Test
    void a_folder_holds_files_of_keys_and_files_that_are_keys_as_kubernetes_mounts_them() throws IOException {
        Path data = Files.createDirectories(folder.resolve("..2026_11_26"));
        Files.writeString(data.resolve("sluice.properties"), "sluice.store=postgresql\n");
        Files.writeString(data.resolve("sluice.clerk.accounts.eu-west.secret-key"), "sk_live_ a \n");
        Files.createSymbolicLink(folder.resolve("..data"), data);
        Files.createSymbolicLink(folder.resolve("sluice.properties"), Path.of("..data/sluice.properties"));
        Files.createSymbolicLink(
                folder.resolve("sluice.clerk.accounts.eu-west.secret-key"),
                Path.of("..data/sluice.clerk.accounts.eu-west.secret-key"));

        SmallRyeConfig config = config(folder.toString());

        assertThat(config.getValue("sluice.store", String.class)).isEqualTo("postgresql");
        assertThat(config.getValue("sluice.clerk.accounts.eu-west.secret-key", String.class))
                .isEqualTo("sk_live_ a ");
        assertThat(config.getConfigValue("sluice.clerk.accounts.eu-west.secret-key")
                        .getConfigSourceOrdinal())
                .isEqualTo(config.getConfigValue("sluice.store").getConfigSourceOrdinal());
        Set<String> names = new HashSet<>();
        config.getPropertyNames().forEach(names::add);
        assertThat(names)
                .contains("sluice.clerk.accounts.eu-west.secret-key")
                .doesNotContain("sluice.properties", "..data");
    }

    @Test
    void a_file_or_a_url_of_one_is_read() throws IOException {
        Path file = Files.writeString(folder.resolve("sluice.properties"), "sluice.store=postgresql\n");

        assertThat(config(file.toString()).getValue("sluice.store", String.class))
                .isEqualTo("postgresql");
        assertThat(config(file.toUri().toString()).getValue("sluice.store", String.class))
                .isEqualTo("postgresql");
    }

    @Test
    void what_is_on_the_class_path_is_read() {
        assertThat(config("application.properties").getValue("quarkus.application.name", String.class))
                .isEqualTo("sluice");
    }

    @Test
    void every_location_that_cannot_be_read_is_named() throws IOException {
        Path yaml = Files.writeString(folder.resolve("sluice.yaml"), "sluice: {store: postgresql}\n");
        Path binary =
                Files.write(Files.createDirectories(folder.resolve("binary")).resolve("key"), new byte[] {(byte) 0xff});
        Path missing = folder.resolve("missing.properties");

        assertThatThrownBy(() -> config(yaml + "," + missing + "," + binary.getParent()))
                .isInstanceOf(ConfigurationException.class)
                .satisfies(
                        cause -> assertThat(String.valueOf(cause.getMessage()).lines())
                                .containsExactlyInAnyOrder(
                                        "smallrye.config.locations: " + yaml + " is no .properties file",
                                        "smallrye.config.locations: " + missing + " does not exist",
                                        "smallrye.config.locations: " + binary + " is not text"));
    }

    @Test
    void yaml_in_a_folder_is_named() throws IOException {
        Path yaml = Files.writeString(folder.resolve("application.yml"), "sluice: {store: postgresql}\n");

        assertThatThrownBy(() -> config(folder.toString()))
                .hasMessageContaining("smallrye.config.locations: " + yaml)
                .hasMessageContaining(".properties");
    }

    @Test
    void every_file_of_a_folder_that_cannot_be_read_is_named() throws IOException {
        Path yaml = Files.writeString(folder.resolve("application.yml"), "sluice: {store: postgresql}\n");
        Path json = Files.writeString(folder.resolve("sluice.json"), "{}\n");
        Path binary = Files.write(folder.resolve("sluice.store"), new byte[] {(byte) 0xff});

        assertThatThrownBy(() -> config(folder.toString()))
                .satisfies(refused -> assertThat(
                                String.valueOf(refused.getMessage()).lines())
                        .hasSize(3)
                        .anyMatch(line -> line.contains(yaml + " is neither"))
                        .anyMatch(line -> line.contains(json + " is neither"))
                        .anyMatch(line -> line.contains(binary + " is not text")));
    }

    @Test
    void a_file_that_may_not_be_read_is_named() throws IOException {
        Path file = Files.writeString(folder.resolve("sluice.store"), "postgresql");
        assumeThat(file.toFile().setReadable(false)).isTrue();
        // Root may read everything.
        assumeThat(Files.isReadable(file)).isFalse();

        assertThatThrownBy(() -> config(folder.toString())).hasMessageContaining(file + " cannot be read");
    }

    private static SmallRyeConfig config(String locations) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(
                        Map.of(SmallRyeConfig.SMALLRYE_CONFIG_LOCATIONS, locations), "environment", 300))
                .withSources(new LocationSources(), new PropertiesLocationConfigSourceFactory())
                .build();
    }
}
