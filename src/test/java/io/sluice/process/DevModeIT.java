package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.machine.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's first command, in a copy of the project: what is edited shows in the running process. */
@Order(Integer.MAX_VALUE)
class DevModeIT {
    /** A cold repository is filled first; nothing here measures time. */
    private static final Duration PATIENCE = Duration.ofMinutes(8);

    private static final Path RESOURCE = Path.of("src/main/java/io/sluice/web/PageResource.java");
    private static final Path PAGE = Path.of("src/main/resources/page/index.html");

    @TempDir
    Path project;

    private @Nullable Process maven;

    @AfterEach
    void end() throws InterruptedException {
        Process started = maven;
        if (started != null) {
            // Maven and the JVM that it starts: neither ends with the other for sure.
            List<ProcessHandle> all = Stream.concat(started.descendants(), Stream.of(started.toHandle()))
                    .toList();
            all.forEach(ProcessHandle::destroy);
            if (!started.waitFor(30, TimeUnit.SECONDS)) {
                started.destroyForcibly();
            }
            all.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : all) {
                process.onExit().join();
            }
        }
    }

    @Test
    void edits_of_code_and_page_show_in_a_running_dev_mode() throws Exception {
        for (String part : List.of("pom.xml", "mvnw", ".mvn", "src/main")) {
            copy(Path.of(part));
        }
        long begin = System.nanoTime();
        int port = FreePorts.next();
        URI sluice = URI.create("http://localhost:" + port);
        Process dev = start(port);
        maven = dev;

        awaitText(dev, sluice.resolve("/"), "<title>");
        Duration started = since(begin);
        awaitText(dev, sluice.resolve("/page/none"), "the page has no file of that name");

        begin = System.nanoTime();
        edit(RESOURCE, "the page has no file of that name", "the page has no such file any more");
        awaitText(dev, sluice.resolve("/page/none"), "the page has no such file any more");

        Duration code = since(begin);
        begin = System.nanoTime();
        edit(PAGE, "<title>", "<title>Edited ");
        awaitText(dev, sluice.resolve("/"), "<title>Edited ");
        System.out.println("dev mode: first answer after " + started.toMillis() + " ms, an edit of code shows after "
                + code.toMillis() + " ms, of the page after " + since(begin).toMillis() + " ms");
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private Process start(int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                project.resolve("mvnw").toString(),
                "-B",
                "-ntp",
                "quarkus:dev",
                "-Ddebug=false",
                "-Dquarkus.http.host=localhost",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.port=" + FreePorts.next()));
        // Surefire's name for the repository that this build uses.
        String repository = System.getProperty("localRepository");
        if (repository != null) {
            command.add("-Dmaven.repo.local=" + repository);
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
        // Of Maven's variables, those that tell of this run of it.
        builder.environment()
                .keySet()
                .removeAll(List.of("MAVEN_BASEDIR", "MAVEN_PROJECTBASEDIR", "MAVEN_CMD_LINE_ARGS"));
        return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    private Path log() {
        return project.resolve("log");
    }

    private void edit(Path file, String before, String after) throws IOException {
        String text = Files.readString(project.resolve(file));
        assertThat(text).contains(before);
        Files.writeString(project.resolve(file), text.replace(before, after));
    }

    /** Asks until the answer has a text: each request makes dev mode look for changes. */
    private void awaitText(Process dev, URI uri, String text) throws IOException, InterruptedException {
        String last = "nothing";
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end && dev.isAlive()) {
                try {
                    last = client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body();
                    if (last.contains(text)) {
                        return;
                    }
                } catch (IOException notYet) {
                    last = notYet.toString();
                }
                dev.waitFor(100, TimeUnit.MILLISECONDS);
            }
        }
        throw new AssertionError("no \"" + text + "\" at " + uri + ", but " + last + "\n" + Files.readString(log()));
    }

    private void copy(Path part) throws IOException {
        try (Stream<Path> files = Files.walk(part)) {
            for (Path file : files.toList()) {
                Path target = project.resolve(file);
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
