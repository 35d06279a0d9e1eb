package io.sluice.sdk;

import static org.assertj.core.api.Assertions.fail;

import io.sluice.gateway.Management;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The scripts under {@code src/test/node}. They run in a copy under {@code target}, into which npm installs the SDKs
 * when the copy is new or the lock file has changed.
 */
final class NodeScripts {
    /** What @clerk/backend asks for. */
    private static final int OLDEST_NODE = 20;

    private static final Duration INSTALLATION = Duration.ofMinutes(5);
    /** Far more than any takes: a script has deadlines of its own, and this one ends those that have none left. */
    private static final Duration SCRIPT = Duration.ofMinutes(8);

    private static final Path SOURCES = Path.of("src", "test", "node");
    private static final Path COPY = Path.of("target", "node");
    private static final Path INSTALLED = COPY.resolve("installed-lock.json");
    private static final String NEEDED = "the tests with the vendors' SDKs need Node " + OLDEST_NODE
            + " or newer and npm on the PATH (Debian: apt-get install nodejs npm)";

    private NodeScripts() {}

    /** Copies the scripts and installs what they import. Waits for npm, which may have to download. */
    static void install() throws IOException, InterruptedException {
        String version = run(Duration.ofSeconds(20), Map.of(), "node", "--version");
        if (Integer.parseInt(version.strip().replaceFirst("^v(\\d+).*$", "$1")) < OLDEST_NODE) {
            fail("%s; there is %s", NEEDED, version.strip());
        }
        copy();
        Path lock = COPY.resolve("package-lock.json");
        if (!Files.exists(INSTALLED) || Files.mismatch(INSTALLED, lock) >= 0) {
            installed();
            Files.copy(lock, INSTALLED, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Tries twice: a registry's answer may be missing or late. */
    private static void installed() throws IOException, InterruptedException {
        String[] command = {"npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"};
        try {
            run(INSTALLATION, Map.of(), command);
        } catch (AssertionError first) {
            try {
                run(INSTALLATION, Map.of(), command);
            } catch (AssertionError second) {
                second.addSuppressed(first);
                throw second;
            }
        }
    }

    /** Runs a script's tests against the Sluice at {@code url}; its output is in the failure's message. */
    static void test(String script, URI url, String key) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of(
                "SLUICE_URL", url.toString(),
                "SLUICE_MANAGEMENT_URL", Management.uri().toString(),
                "SLUICE_KEY", key);
        run(SCRIPT, environment, "node", "--test", "--test-reporter=spec", script);
    }

    /** Puts a file beside the scripts. */
    static void write(String name, String text) throws IOException {
        Files.writeString(COPY.resolve(name), text);
    }

    private static void copy() throws IOException {
        Files.createDirectories(COPY);
        try (Stream<Path> sources = Files.list(SOURCES)) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                Files.copy(source, COPY.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static String run(Duration limit, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Files.createDirectories(COPY);
        Path log = Files.createTempFile(COPY, command[0], ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(COPY.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // npm and node take settings from these, and one of a developer's must not change what is tested.
        builder.environment().keySet().removeIf(name -> name.startsWith("CLERK_") || name.equals("NODE_OPTIONS"));
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(NEEDED, e);
        }
        boolean ended = process.waitFor(limit);
        if (!ended) {
            List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
            all.add(process.toHandle());
            all.forEach(ProcessHandle::destroyForcibly);
        }
        String output = Files.readString(log);
        Files.delete(log);
        if (!ended || process.exitValue() != 0) {
            fail(
                    "%s %s; it printed:%n%s",
                    String.join(" ", command),
                    ended ? "ended with " + process.exitValue() : "did not end within " + limit,
                    output);
        }
        return output;
    }
}
