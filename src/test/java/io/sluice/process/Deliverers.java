package io.sluice.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Some replicas of Sluice that deliver to one sandbox, and are killed and started again. Thread-safe. */
final class Deliverers implements AutoCloseable {
    private static final String CUSTOMERIO = "-Dsluice.customerio.accounts.default.";
    private static final String BATCH =
            "-Dquarkus.fault-tolerance.\"io.sluice.saas.customerio.CustomerioTrackApi$$CDIWrapper/batch\".timeout.";

    private final String[] settings;
    private final List<SluiceProcess> replicas = new ArrayList<>(); // guarded by this

    /** @param store the settings of the store that the replicas share */
    Deliverers(URI sandbox, int count, List<String> store) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(store);
        all.addAll(List.of(
                "-Dsluice.budget.persist=false",
                "-Dsluice.teams.red.key-hash=af6bbab6e4aed4aacdfac7ff89ced445c2613aa1454bdc670a49b2fad78bc0b3",
                "-Dsluice.teams.red.admin=true",
                "-Dsluice.teams.green.key-hash=72ca0022130790e6fcb934dd1f7149f589012e22e880ed2123946adfa3382c23",
                "-Dsluice.teams.blue.key-hash=da71e267b3b77b50077da29f7322e9317a1f629a410f782a1a970f97e2548377",
                CUSTOMERIO + "track-url=" + sandbox + "/track",
                CUSTOMERIO + "app-url=" + sandbox + "/app",
                CUSTOMERIO + "site-id=sandbox-site",
                CUSTOMERIO + "track-api-key=sandbox-track-key",
                CUSTOMERIO + "app-api-key=sandbox-app-key",
                "-Dsluice.deliveries.lease=3s",
                "-Dsluice.deliveries.first-backoff=100ms",
                "-Dsluice.deliveries.max-backoff=1s",
                // Else each request that hangs would hold its people up for half a minute.
                BATCH + "value=2",
                BATCH + "unit=seconds"));
        settings = all.toArray(String[]::new);
        for (int i = 0; i < count; i++) {
            replicas.add(SluiceProcess.start(settings));
        }
        for (SluiceProcess replica : replicas) {
            replica.ready();
        }
    }

    /** Any of the replicas; it may just be dead. */
    synchronized URI any(SplittableRandom random, String target) {
        return replicas.get(random.nextInt(replicas.size())).uri(target);
    }

    /** Kills one, and puts another in its place, which is ready when this returns. */
    void killOne(SplittableRandom random) throws IOException, InterruptedException {
        int index;
        SluiceProcess victim;
        synchronized (this) {
            index = random.nextInt(replicas.size());
            victim = replicas.get(index);
        }
        victim.kill();
        SluiceProcess next = SluiceProcess.start(settings);
        synchronized (this) {
            replicas.set(index, next);
        }
        victim.close();
        next.ready();
    }

    @Override
    public synchronized void close() {
        for (SluiceProcess replica : replicas) {
            try {
                if (replica.log().contains("ERROR")) {
                    System.err.println(replica.log());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            replica.close();
        }
    }
}
