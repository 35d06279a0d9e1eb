package io.sluice.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Mails that are sent while Sluice is killed, and repeated until there is an answer: some with an {@code Idempotency-Key},
 * the others as SDKs do, with {@code X-Retry-Count}. Thread-safe.
 */
final class KilledMails {
    private static final List<String> FAULTS = List.of(
            "'fault':'lost-answer','probability':0.05",
            "'fault':'reset','probability':0.05",
            "'fault':'status','status':503,'probability':0.05");

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final HttpClient client;
    private final Deliverers sluice;
    private final Map<String, Integer> answers = new ConcurrentHashMap<>(); // by recipient

    KilledMails(HttpClient client, Deliverers sluice) {
        this.client = client;
        this.sluice = sluice;
    }

    /** How the sandbox is to fail. */
    static List<String> faults() {
        return FAULTS.stream()
                .map(fault -> ("{'vendor':'customerio','operation':'send-email'," + fault + "}").replace('\'', '"'))
                .toList();
    }

    /** Sends some mails every second for as long as it is told to. */
    Void send(int sender, BooleanSupplier more) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(sender);
        for (int number = 1; more.getAsBoolean(); number++) {
            String to = "s" + sender + "-" + number + "@example.com";
            answers.put(to, answered(random, to, number % 2 == 0));
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return null;
    }

    private int answered(SplittableRandom random, String to, boolean keyed) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int tries = 0; System.nanoTime() < end; tries++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(sluice.any(random, "/customerio/app/v1/send/email"))
                    .header("Authorization", "Bearer red-key")
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(90))
                    .POST(BodyPublishers.ofString(new JsonObject()
                            .put("to", to)
                            .put("transactional_message_id", "welcome")
                            .put("identifiers", new JsonObject().put("email", to))
                            .encode()));
            if (keyed) {
                request.header("Idempotency-Key", to);
            } else if (tries > 0) {
                request.header("X-Retry-Count", Integer.toString(tries));
            }
            try {
                int status =
                        client.send(request.build(), BodyHandlers.discarding()).statusCode();
                if (status != 429) {
                    return status;
                }
            } catch (IOException killed) {
                // Whether it was sent nobody knows: so it is repeated.
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("there was never an answer for " + to);
    }

    /** Checks what the sandbox has sent. */
    void check(JsonArray sent) {
        Map<String, Long> times = sent.stream()
                .map(JsonObject.class::cast)
                .collect(Collectors.groupingBy(mail -> mail.getString("to"), Collectors.counting()));

        assertThat(times.values()).as("no mail twice").containsOnly(1L);
        Set<String> confirmed = answers.entrySet().stream()
                .filter(answer -> answer.getValue() == 200)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        assertThat(confirmed).isNotEmpty();
        assertThat(times.keySet()).as("what is confirmed is sent").containsAll(confirmed);
        assertThat(answers.values()).as("what is not confirmed says so").isSubsetOf(200, 409, 500, 502, 503, 504);
    }
}
