package io.sluice.saas.customerio.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.delivery.DeliveryOutcome;
import io.sluice.saas.customerio.delivery.BatchDelivery.ParsedResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Batches against a vendor that refuses some of what is in them, in part or as a whole, now and then or for good. */
class BatchDeliveryTest {
    private static final int HISTORIES = 400;

    @Test
    void the_good_arrive_once_and_the_bad_die_whatever_the_vendor_does() throws InterruptedException {
        for (long seed = 1; seed <= HISTORIES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int size = 1 + random.nextInt(40);
            ModelVendor vendor = new ModelVendor(random, size);
            Set<Integer> dead = new TreeSet<>();
            List<Integer> waiting = IntStream.range(0, size).boxed().collect(Collectors.toList());
            for (int round = 0; !waiting.isEmpty(); round++) {
                assertThat(round).as("rounds of seed %d", seed).isLessThan(200);
                waiting = deliver(vendor, waiting, dead);
            }

            assertThat(vendor.applied.keySet()).as("seed %d", seed).isEqualTo(vendor.good());
            assertThat(dead).as("seed %d", seed).isEqualTo(vendor.bad);
        }
    }

    @Test
    void one_bad_operation_among_many_costs_few_calls() throws InterruptedException {
        ModelVendor vendor = new ModelVendor(new SplittableRandom(1), 0);
        vendor.whole = true;
        vendor.calm = true;
        vendor.bad.add(700);

        List<Integer> again = deliver(vendor, IntStream.range(0, 1024).boxed().toList(), new TreeSet<>());

        assertThat(again).isEmpty();
        assertThat(vendor.calls).isEqualTo(1 + 2 * 10);
        assertThat(vendor.applied.values()).containsOnly(1);
    }

    @Test
    void a_207_that_does_not_say_where_has_everything_sent_again() throws InterruptedException {
        for (String body : List.of("", "{}", "{\"errors\":[]}", "{\"errors\":[{\"batch_index\":7}]}", "[")) {
            List<DeliveryOutcome> outcomes = new BatchDelivery(
                            batch -> new ParsedResponse.Answered(207, body), Set.of())
                    .deliver(List.of("{}", "{}"));

            assertThat(outcomes).as(body).hasSize(2).allMatch(DeliveryOutcome.Retry.class::isInstance);
        }
    }

    private static List<Integer> deliver(ModelVendor vendor, List<Integer> waiting, Set<Integer> dead)
            throws InterruptedException {
        List<DeliveryOutcome> outcomes = new BatchDelivery(vendor::receive, Set.of("rate_limited"))
                .deliver(waiting.stream().map(id -> "{\"id\":" + id + "}").toList());
        assertThat(outcomes).hasSameSizeAs(waiting);
        List<Integer> again = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case DeliveryOutcome.Delivered() -> assertThat(vendor.applied).containsKey(waiting.get(i));
                case DeliveryOutcome.Rejected _ -> dead.add(waiting.get(i));
                case DeliveryOutcome.Retry _, DeliveryOutcome.Throttled _ -> again.add(waiting.get(i));
            }
        }
        return again;
    }

    /** Knows operations again by their ids, and never takes a bad one. */
    private static final class ModelVendor {
        private final SplittableRandom random;
        private final Set<Integer> all;
        private final Set<Integer> bad = new TreeSet<>();
        private final Map<Integer, Integer> applied = new TreeMap<>();
        private final Map<Integer, Integer> moody = new HashMap<>();
        private boolean whole;
        private boolean calm;
        private int calls;

        ModelVendor(SplittableRandom random, int size) {
            this.random = random;
            this.all = IntStream.range(0, size).boxed().collect(Collectors.toCollection(TreeSet::new));
            this.whole = random.nextBoolean();
            for (int id : all) {
                if (random.nextInt(8) == 0) {
                    bad.add(id);
                } else if (random.nextInt(8) == 0) {
                    moody.put(id, 1 + random.nextInt(3));
                }
            }
        }

        Set<Integer> good() {
            Set<Integer> good = new TreeSet<>(all);
            good.removeAll(bad);
            return good;
        }

        ParsedResponse receive(byte[] batch) {
            calls++;
            int mood = calm ? 9 : random.nextInt(10);
            if (mood == 0) {
                return new ParsedResponse.Failure(
                        new DeliveryOutcome.Throttled(Duration.ofSeconds(1), true, "throttled"));
            }
            if (mood == 1) {
                return new ParsedResponse.Failure(new DeliveryOutcome.Retry("status 503"));
            }
            JsonArray operations = new JsonObject(new String(batch, StandardCharsets.UTF_8)).getJsonArray("batch");
            ParsedResponse said = apply(operations);
            return mood == 2 ? new ParsedResponse.Failure(new DeliveryOutcome.Retry("no answer")) : said;
        }

        private ParsedResponse apply(JsonArray operations) {
            JsonArray errors = new JsonArray();
            if (whole && operations.stream().anyMatch(one -> bad.contains(id(one)))) {
                return new ParsedResponse.Answered(400, "{\"errors\":[{\"reason\":\"invalid\"}]}");
            }
            for (int i = 0; i < operations.size(); i++) {
                int id = id(operations.getValue(i));
                if (bad.contains(id)) {
                    errors.add(new JsonObject().put("batch_index", i).put("reason", "invalid"));
                } else if (moody.merge(id, -1, Integer::sum) >= 0) {
                    errors.add(new JsonObject().put("batch_index", i).put("reason", "rate_limited"));
                } else {
                    applied.merge(id, 1, Integer::sum);
                }
            }
            return errors.isEmpty()
                    ? new ParsedResponse.Answered(200, "{}")
                    : new ParsedResponse.Answered(
                            207, new JsonObject().put("errors", errors).encode());
        }

        private static int id(Object operation) {
            return ((JsonObject) operation).getInteger("id");
        }
    }
}
