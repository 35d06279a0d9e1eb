package io.sluice.gateway;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Waits for what happens in its own time, behind an answer that has long been given. */
public final class Awaiting {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private Awaiting() {}

    /** Waits until a delivery no longer waits, and tells what became of it. */
    public static JsonObject delivered(String id) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (true) {
            Caller.Reply reply = Caller.call("GET", "/api/deliveries/" + id, Caller.DEV);
            if (reply.status() != 200) {
                throw new AssertionError(reply.text());
            }
            JsonObject delivery = new JsonObject(reply.body());
            if (!delivery.getString("state").equals("queued")) {
                return delivery;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("it still waits: " + delivery);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Waits until the metrics show a line, since some are looked up only now and then, and tells them all. */
    static String metrics(String line) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (true) {
            String metrics = Management.metrics();
            if (metrics.contains(line)) {
                return metrics;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(line + " is not among " + metrics);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
