package io.sluice.machine;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;

/** PostgreSQL servers for tests. */
public final class Postgres {
    /** The library gives up after 10 s, which initdb and the first start may take where other tests use the processors. */
    private static final Duration STARTUP = Duration.ofMinutes(2);

    private Postgres() {}

    /** Starts one that lasts until it is closed, and its data no longer. Waits until it answers. */
    public static EmbeddedPostgres start() throws IOException {
        return builder().start();
    }

    /** The settings that all of them have in common, a free port among them. */
    public static EmbeddedPostgres.Builder builder() throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(FreePorts.next())
                .setPGStartupWait(STARTUP)
                // Tests end processes and servers, no machines: what the system has been given is not lost.
                .setServerConfig("fsync", "off")
                .setServerConfig("full_page_writes", "off");
    }
}
