package io.sluice.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.StubVendor;
import io.sluice.machine.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.RedisServer;

/** What Node programs queue with today, against the same vendor: p-queue in memory, and BullMQ in a Redis of its own. */
final class NodeQueues {
    private static final Path NODE = Path.of("src/test/node/bench");
    private static final int EVENTS = 5_000;
    private static final int SECONDS = 15;

    private NodeQueues() {}

    /** What a queue did, in events a second, and how long it took to accept one. */
    record Result(String queue, double accepted, double p99Millis, double delivered) {}

    /** Runs them one after another; none where the Node libraries are not installed. */
    static List<Result> results(Path directory) throws IOException, InterruptedException {
        List<Result> results = new ArrayList<>();
        if (!Files.isDirectory(NODE.resolve("node_modules").resolve("bullmq"))) {
            return results;
        }
        int port = FreePorts.next();
        // As durable as SQLite here: every command is on the disk before it is answered.
        RedisServer redis = RedisServer.builder()
                .port(port)
                .setting("bind 127.0.0.1")
                .setting("dir " + directory)
                .setting("appendonly yes")
                .setting("appendfsync always")
                .build();
        redis.start();
        try {
            for (String queue : List.of("p-queue", "bullmq")) {
                try (StubVendor vendor = StubVendor.start(new RatedAnswers())) {
                    results.add(run(queue, vendor, port));
                }
            }
        } finally {
            redis.stop();
        }
        return results;
    }

    private static Result run(String queue, StubVendor vendor, int redis) throws IOException, InterruptedException {
        Process node = new ProcessBuilder(
                        "node",
                        "queues.mjs",
                        queue,
                        vendor.uri("/").toString(),
                        String.valueOf(redis),
                        String.valueOf(EVENTS),
                        String.valueOf(SECONDS))
                .directory(NODE.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (node.waitFor() != 0) {
            throw new IllegalStateException(queue + " failed");
        }
        JsonNode result = new ObjectMapper().readTree(output);
        return new Result(
                queue,
                result.get("accepted").asDouble(),
                result.get("p99").asDouble(),
                result.get("delivered").asDouble());
    }
}
