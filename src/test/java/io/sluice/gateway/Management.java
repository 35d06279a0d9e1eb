package io.sluice.gateway;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** The management interface of the Sluice under test, with health and metrics. */
public final class Management {
    private Management() {}

    /** The address of the interface; its port is another at each start. */
    public static URI uri() {
        return URI.create("http://localhost:" + port() + "/");
    }

    /** Makes a call without a body, on a connection of its own. */
    public static Caller.Reply get(String target) throws IOException {
        try (Caller caller = Caller.connected(port())) {
            caller.send("GET " + target + " HTTP/1.1", List.of(), "");
            return caller.reply("GET");
        }
    }

    /** The metrics, as Prometheus would read them. */
    public static String metrics() throws IOException {
        Caller.Reply reply = get("/q/metrics");
        if (reply.status() != 200) {
            throw new AssertionError(reply.text());
        }
        return reply.body();
    }

    private static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
    }
}
