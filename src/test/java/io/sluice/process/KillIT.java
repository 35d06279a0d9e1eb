package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.machine.Postgres;
import io.sluice.sandbox.SandboxServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Teams hand events and identifies over, singly and in batches, while Sluice is killed again and again and Customer.io fails
 * in every way the sandbox knows. Afterwards nothing is lost, doubled or out of its order, and no mail was sent twice.
 *
 * <p>The kills are spread over what is handed over, at random, rather than over time: starting takes longer than storing a
 * few thousand operations, so that on a slow machine all kills would otherwise strike at an idle process.
 */
@Order(3)
class KillIT {
    private static final List<String> KEYS = List.of("red-key", "green-key", "blue-key");
    private static final int PEOPLE = 2_000;
    private static final int CALLERS = 24;
    private static final int MAIL_SENDERS = 4;
    private static final int FEW = 4;
    private static final int MANY = 200;
    private static final int FEW_OPERATIONS = 4_000;
    private static final int MANY_OPERATIONS = 50_000;
    private static final int LARGEST_BATCH = 20;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final List<String> BATCH_FAULTS = List.of(
            "'fault':'status','status':503,'probability':0.03",
            "'fault':'status','status':429,'probability':0.03",
            "'fault':'reset','probability':0.03",
            "'fault':'lost-answer','probability':0.03",
            "'fault':'cut-answer','probability':0.01",
            "'fault':'hang','probability':0.005",
            "'fault':'partial','indices':[0,1,5,30],'reason':'rate_limited','probability':0.1");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    @TempDir
    Path directory;

    @Test
    void nothing_is_lost_doubled_or_reordered_on_sqlite() throws Exception {
        onSqlite(FEW);
    }

    @Test
    void nothing_is_lost_doubled_or_reordered_by_two_replicas_on_postgresql() throws Exception {
        onPostgresql(FEW);
    }

    @Test
    @Tag("proof")
    void nothing_is_lost_doubled_or_reordered_on_sqlite_over_many_kills() throws Exception {
        onSqlite(MANY);
    }

    @Test
    @Tag("proof")
    void nothing_is_lost_doubled_or_reordered_by_two_replicas_on_postgresql_over_many_kills() throws Exception {
        onPostgresql(MANY);
    }

    private void onSqlite(int kills) throws Exception {
        scenario(1, kills, List.of("-Dsluice.data-dir=" + directory.toAbsolutePath()));
    }

    private void onPostgresql(int kills) throws Exception {
        try (EmbeddedPostgres postgres = Postgres.start()) {
            String database = "-Dquarkus.datasource.postgresql.";
            scenario(
                    2,
                    kills,
                    List.of(
                            "-Dsluice.store=postgresql",
                            "-Dsluice.data-dir=" + directory.toAbsolutePath(),
                            database + "jdbc.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                            database + "username=postgres",
                            database + "password=postgres"));
        }
    }

    private void scenario(int replicas, int kills, List<String> store) throws Exception {
        try (SandboxServer sandbox =
                        SandboxServer.onRealTime("max-hang", "10s", "limits.customerio.batch.permits", "1000");
                Deliverers sluice = new Deliverers(sandbox.uri("/sandbox/customerio"), replicas, store)) {
            for (String fault : BATCH_FAULTS) {
                misbehave(sandbox, ("{'vendor':'customerio','operation':'batch'," + fault + "}").replace('\'', '"'));
            }
            for (String fault : KilledMails.faults()) {
                misbehave(sandbox, fault);
            }
            KilledMails mails = new KilledMails(client, sluice);
            List<Sent> sent = load(sluice, mails, kills);
            awaitEmpty(sluice);
            assertThat(new JsonArray(get(sandbox.uri("/sandbox/faults"), "")))
                    .as("each fault has struck")
                    .filteredOn(fault -> ((JsonObject) fault).containsKey("times"))
                    .hasSize(BATCH_FAULTS.size() + KilledMails.faults().size())
                    .allSatisfy(fault -> assertThat(((JsonObject) fault).getInteger("struck"))
                            .isOne());
            check(sent, sandbox);
            mails.check(new JsonObject(get(sandbox.uri("/sandbox/report/customerio/mails"), "")).getJsonArray("mails"));
        }
    }

    /** Has the sandbox fail so at times, and once for certain: a slow run makes few calls, and chance may spare them all. */
    private void misbehave(SandboxServer sandbox, String fault) throws Exception {
        JsonObject certain = new JsonObject(fault).put("times", 1);
        certain.remove("probability");
        post(sandbox.uri("/sandbox/faults"), certain.encode());
        post(sandbox.uri("/sandbox/faults"), fault);
    }

    /** What one caller has handed over to the end: each person's numbers, and the last one identified with. */
    private record Sent(Map<String, List<Integer>> events, Map<String, Integer> identified) {}

    private List<Sent> load(Deliverers sluice, KilledMails mails, int kills) throws Exception {
        int operations = kills == MANY ? MANY_OPERATIONS : FEW_OPERATIONS;
        AtomicInteger left = new AtomicInteger(operations);
        AtomicInteger floor = new AtomicInteger(operations);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Sent>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                callers.add(threads.submit(() -> call(sluice, caller, left, floor)));
            }
            List<Future<Void>> senders = new ArrayList<>();
            for (int i = 0; i < MAIL_SENDERS; i++) {
                int sender = i;
                senders.add(threads.submit(() -> mails.send(sender, () -> left.get() > 0)));
            }
            SplittableRandom random = new SplittableRandom(kills);
            try {
                for (int i = 0; i < kills; i++) {
                    // Nobody goes further than one share of the work ahead of the kills.
                    floor.set((int) ((long) operations * (kills - i - 1) / kills));
                    awaitLeft(left, (int) (operations * (kills - i - random.nextDouble()) / kills));
                    sluice.killOne(random);
                }
            } finally {
                floor.set(0);
            }
            List<Sent> sent = new ArrayList<>();
            for (Future<Sent> caller : callers) {
                sent.add(caller.get());
            }
            for (Future<Void> sender : senders) {
                sender.get();
            }
            return sent;
        }
    }

    private static void awaitLeft(AtomicInteger left, int few) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (left.get() > few) {
            if (System.nanoTime() > end) {
                throw new AssertionError(left.get() + " operations are still to be handed over, rather than " + few);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Hands operations over until all are, but no further than the floor, which sinks with each kill. */
    private Sent call(Deliverers sluice, int caller, AtomicInteger left, AtomicInteger floor)
            throws InterruptedException {
        SplittableRandom random = new SplittableRandom(caller);
        Sent sent = new Sent(new HashMap<>(), new HashMap<>());
        int number = 0;
        while (left.get() > 0) {
            if (left.get() <= floor.get()) {
                TimeUnit.MILLISECONDS.sleep(5);
                continue;
            }
            int size = random.nextBoolean() ? 1 : random.nextInt(2, LARGEST_BATCH + 1);
            JsonArray batch = new JsonArray();
            for (int i = 0; i < size; i++) {
                batch.add(operation(random, caller, ++number, sent));
            }
            String key = KEYS.get(random.nextInt(KEYS.size()));
            if (size == 1) {
                single(sluice, random, key, batch.getJsonObject(0));
            } else {
                handOver(sluice, random, key, "POST", "/api/v2/batch", new JsonObject().put("batch", batch));
            }
            left.addAndGet(-size);
        }
        return sent;
    }

    /** An event or an identify of one of a caller's people, in the words of version 2. */
    private static JsonObject operation(SplittableRandom random, int caller, int number, Sent sent) {
        // People belong to one caller each, so that there is an order to keep.
        String person = "p" + (random.nextInt(PEOPLE / CALLERS) * CALLERS + caller);
        JsonObject operation = new JsonObject()
                .put("type", "person")
                .put("identifiers", new JsonObject().put("id", person))
                .put("attributes", new JsonObject().put("number", number));
        if (random.nextInt(3) == 0) {
            sent.identified().put(person, number);
            return operation.put("action", "identify");
        }
        sent.events().computeIfAbsent(person, name -> new ArrayList<>()).add(number);
        return operation.put("action", "event").put("name", "counted").put("id", person + "-" + number);
    }

    /** The same as a call of version 1. */
    private void single(Deliverers sluice, SplittableRandom random, String key, JsonObject operation)
            throws InterruptedException {
        String target =
                "/api/v1/customers/" + operation.getJsonObject("identifiers").getString("id");
        if (operation.getString("action").equals("identify")) {
            handOver(sluice, random, key, "PUT", target, operation.getJsonObject("attributes"));
        } else {
            JsonObject event = new JsonObject()
                    .put("name", operation.getString("name"))
                    .put("id", operation.getString("id"))
                    .put("data", operation.getJsonObject("attributes"));
            handOver(sluice, random, key, "POST", target + "/events", event);
        }
    }

    /** Tries until it is accepted, as a careful caller does: it cannot know what a killed process had stored. */
    private void handOver(
            Deliverers sluice, SplittableRandom random, String key, String method, String target, JsonObject body)
            throws InterruptedException {
        while (true) {
            HttpRequest request = HttpRequest.newBuilder(sluice.any(random, "/customerio/track" + target))
                    .header("Authorization", "Bearer " + key)
                    .header("Prefer", "respond-async")
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .method(method, BodyPublishers.ofString(body.encode()))
                    .build();
            try {
                int status = client.send(request, BodyHandlers.discarding()).statusCode();
                if (status == 202) {
                    return;
                }
                assertThat(status).as("what Sluice says when it cannot store").isEqualTo(429);
            } catch (IOException killed) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private void awaitEmpty(Deliverers sluice) throws Exception {
        SplittableRandom random = new SplittableRandom();
        long end = System.nanoTime() + PATIENCE_NANOS;
        String queues = "";
        while (System.nanoTime() < end) {
            queues = get(sluice.any(random, "/api/deliveries/queues"), "red-key");
            long waiting = new JsonArray(queues)
                    .stream()
                            .map(JsonObject.class::cast)
                            .mapToLong(queue -> queue.getLong("pending") + queue.getLong("in_flight"))
                            .sum();
            if (waiting == 0) {
                assertThat(queues).as("dead letters").doesNotContainPattern("\"dead\":[1-9]");
                return;
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new AssertionError("it is not all delivered: " + queues);
    }

    private void check(List<Sent> sent, SandboxServer sandbox) throws Exception {
        Map<String, List<Integer>> expected = new HashMap<>();
        Map<String, Integer> identified = new HashMap<>();
        sent.forEach(one -> {
            expected.putAll(one.events());
            identified.putAll(one.identified());
        });
        Map<String, List<Integer>> arrived = new HashMap<>();
        for (Object event :
                new JsonObject(get(sandbox.uri("/sandbox/report/customerio/events"), "")).getJsonArray("events")) {
            JsonObject one = (JsonObject) event;
            arrived.computeIfAbsent(one.getString("person"), name -> new ArrayList<>())
                    .add(one.getJsonObject("data").getInteger("number"));
        }
        JsonObject people =
                new JsonObject(get(sandbox.uri("/sandbox/report/customerio/people"), "")).getJsonObject("people");
        Map<String, Integer> last = new HashMap<>();
        people.forEach(person -> {
            Integer number =
                    ((JsonObject) person.getValue()).getJsonObject("attributes").getInteger("number");
            if (number != null) {
                last.put(person.getKey(), number);
            }
        });

        assertThat(arrived).isEqualTo(expected);
        assertThat(last).isEqualTo(identified);
    }

    private void post(URI uri, String body) throws Exception {
        HttpResponse<String> reply = client.send(
                HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(201);
    }

    private String get(URI uri, String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + key)
                .build();
        HttpResponse<String> reply = client.send(request, BodyHandlers.ofString());
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return reply.body();
    }
}
