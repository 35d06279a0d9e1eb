package io.sluice.startup;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Converters;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Configuration sources for the folders that {@code smallrye.config.locations} names, in the form of a mounted Secret
 * or ConfigMap: each file is one key, its name the key's and its content the value. Files called {@code *.properties}
 * are read by the platform; a file that neither reads is refused by its name rather than left out.
 *
 * <p>Without this, a location that does not exist, or holds YAML, is silently ignored, with everything in it.
 */
public class LocationSources implements ConfigSourceFactory {
    /** The largest Secret or ConfigMap that Kubernetes accepts; a larger file is not meant as a value. */
    private static final long LARGEST_VALUE = 1 << 20;

    /** The format that the platform reads. Formats such as YAML need an extension that is not part of Sluice. */
    private static final String READ = "properties";

    private static final Pattern LAST_LINE_ENDS = Pattern.compile("\\R+\\z");

    /** Formats that an operator might expect to be read. */
    private static final Set<String> OTHER_FORMATS = Set.of("yaml", "yml", "json", "toml", "conf", "xml", "ini");

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue locations = context.getValue(SmallRyeConfig.SMALLRYE_CONFIG_LOCATIONS);
        if (locations == null || locations.getValue() == null) {
            return List.of();
        }
        List<ConfigSource> sources = new ArrayList<>();
        Set<String> refused = new TreeSet<>();
        String[] all = Converters.newArrayConverter(Converters.newTrimmingConverter(value -> value), String[].class)
                .convert(locations.getValue());
        for (String location : all == null ? new String[0] : all) {
            try {
                sources.addAll(read(location, locations.getConfigSourceOrdinal()));
            } catch (ConfigurationException e) {
                refused.addAll(String.valueOf(e.getMessage()).lines().toList());
            }
        }
        stop(refused);
        return sources;
    }

    private static List<ConfigSource> read(String location, int ordinal) {
        URI uri = uri(location);
        String scheme = uri.getScheme();
        if (scheme != null && !scheme.equals("file")) {
            // A jar or a server: the platform itself fails when it cannot be reached.
            check(extension(location).equals(READ), location, "is no ." + READ + " file");
            return List.of();
        }
        Path path = scheme == null ? Path.of(uri.getPath()) : Path.of(uri);
        if (Files.isDirectory(path)) {
            return folder(location, path, ordinal);
        }
        check(Files.exists(path) || onClassPath(scheme, path), location, "does not exist");
        check(!Files.exists(path) || Files.isReadable(path), location, "cannot be read");
        check(extension(path.getFileName().toString()).equals(READ), location, "is no ." + READ + " file");
        return List.of();
    }

    private static List<ConfigSource> folder(String location, Path folder, int ordinal) {
        Map<String, String> values = new TreeMap<>();
        Set<String> refused = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, LocationSources::isFile)) {
            for (Path file : files) {
                try {
                    read(file, values);
                } catch (ConfigurationException e) {
                    refused.add(String.valueOf(e.getMessage()));
                }
            }
        } catch (IOException e) {
            throw refusal(location, "cannot be read: " + e);
        }
        stop(refused);
        return values.isEmpty()
                ? List.of()
                : List.of(new PropertiesConfigSource(values, "files in " + folder, ordinal));
    }

    /** Reads a file of a folder, if it is one whose name is a key. */
    private static void read(Path file, Map<String, String> values) throws IOException {
        String name = file.getFileName().toString();
        check(Files.isReadable(file), file.toString(), "cannot be read");
        check(
                !OTHER_FORMATS.contains(extension(name)),
                file.toString(),
                "is neither a ." + READ + " file nor called as the key whose value it holds");
        if (!extension(name).equals(READ)) {
            values.put(name, value(file));
        }
    }

    private static void stop(Set<String> refused) {
        if (!refused.isEmpty()) {
            throw new ConfigurationException(String.join(System.lineSeparator(), refused));
        }
    }

    /** Kubernetes mounts files as links into hidden folders; hidden entries themselves are no keys. */
    private static boolean isFile(Path file) {
        return Files.isRegularFile(file) && !file.getFileName().toString().startsWith(".");
    }

    private static String value(Path file) throws IOException {
        check(Files.size(file) <= LARGEST_VALUE, file.toString(), "is too large for a value");
        try {
            return LAST_LINE_ENDS.matcher(Files.readString(file)).replaceFirst("");
        } catch (CharacterCodingException e) {
            throw refusal(file.toString(), "is not text");
        }
    }

    private static boolean onClassPath(@Nullable String scheme, Path path) {
        return scheme == null && Thread.currentThread().getContextClassLoader().getResource(path.toString()) != null;
    }

    private static URI uri(String location) {
        try {
            return new URI(location);
        } catch (URISyntaxException e) {
            throw refusal(location, "is no path or URI: " + e.getReason());
        }
    }

    private static String extension(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static void check(boolean right, String location, String what) {
        if (!right) {
            throw refusal(location, what);
        }
    }

    private static ConfigurationException refusal(String location, String what) {
        return new ConfigurationException(SmallRyeConfig.SMALLRYE_CONFIG_LOCATIONS + ": " + location + " " + what);
    }
}
