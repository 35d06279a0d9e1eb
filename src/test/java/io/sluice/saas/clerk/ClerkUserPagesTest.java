package io.sluice.saas.clerk;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Target;
import io.sluice.saas.clerk.ClerkUserPages.Page;
import io.sluice.saas.clerk.ClerkUsers.Failure;
import io.sluice.saas.clerk.ClerkUsers.FetchResult;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pages of a vendor whose users come and go between them. */
class ClerkUserPagesTest {
    private static final int SIZE = 5;

    private record Stored(String id, long created) {}

    /** As the fact sheet has it: cursor or offset, one of two orders, and filters by time of creation. */
    private static final class Clerk implements ClerkUserPages.Pages {
        final List<Stored> users = new ArrayList<>();
        final SplittableRandom random;
        final Set<String> everDeleted = new HashSet<>();
        int calls;
        long now;
        int ids;

        Clerk(long seed) {
            random = new SplittableRandom(seed);
        }

        void create() {
            now += random.nextInt(3) == 0 ? 1 : 0;
            users.add(new Stored("user_" + ++ids, now));
        }

        void delete(int index) {
            everDeleted.add(users.remove(index).id());
        }

        @Override
        public FetchResult fetch(Target target) {
            if (calls++ > 0) {
                for (int change = random.nextInt(6); change > 0; change--) {
                    if (random.nextBoolean() || users.isEmpty()) {
                        create();
                    } else {
                        delete(random.nextInt(users.size()));
                    }
                }
            }
            return answer(parameters(target));
        }

        private FetchResult answer(Map<String, String> asked) {
            Comparator<Stored> order = Comparator.comparingLong(Stored::created).thenComparingInt(users::indexOf);
            String orderBy = asked.getOrDefault("order_by", "-created_at");
            List<Stored> ordered = users.stream()
                    .sorted(orderBy.startsWith("-") ? order.reversed() : order)
                    .toList();
            String after = asked.get("starting_after");
            int from = Integer.parseInt(asked.getOrDefault("offset", "0"));
            if (after != null) {
                from = ordered.stream().map(Stored::id).toList().indexOf(after) + 1;
                if (from == 0) {
                    return new FetchResult.Unavailable(new Failure.Refused(422, false));
                }
            }
            long later = Long.parseLong(asked.getOrDefault("created_at_after", "-1"));
            long earlier = Long.parseLong(asked.getOrDefault("created_at_before", Long.toString(Long.MAX_VALUE)));
            return new FetchResult.Users(ordered.stream()
                    .skip(from)
                    .filter(user -> user.created() > later && user.created() < earlier)
                    .limit(Integer.parseInt(asked.get("limit")))
                    .map(user -> new ClerkUserList.User(
                            new ClerkResource(user.id(), OptionalLong.of(user.created()), OptionalLong.empty()),
                            user.id().getBytes(StandardCharsets.US_ASCII)))
                    .toList());
        }

        private static Map<String, String> parameters(Target target) {
            Map<String, String> parameters = new HashMap<>();
            for (String parameter : target.query().substring(1).split("&", -1)) {
                String[] pair = parameter.split("=", 2);
                parameters.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
            }
            return parameters;
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void nobody_who_stays_is_skipped_and_nobody_is_met_twice(int seed) throws InterruptedException {
        for (String order : List.of("+created_at", "-created_at")) {
            Clerk clerk = new Clerk(seed);
            IntStream.range(0, 40).forEach(i -> clerk.create());
            Set<String> there = Set.copyOf(clerk.users.stream().map(Stored::id).toList());

            List<String> met = all(clerk, Map.of("order_by", List.of(order)));

            assertThat(met).as("seed " + seed).doesNotHaveDuplicates();
            assertThat(met)
                    .as("seed " + seed)
                    .containsAll(there.stream()
                            .filter(id -> !clerk.everDeleted.contains(id))
                            .toList());
        }
    }

    @Test
    void the_list_goes_on_after_the_last_user_that_came() throws InterruptedException {
        Clerk clerk = new Clerk(0);
        IntStream.range(0, 4).forEach(i -> clerk.create());

        assertThat(all(clerk, Map.of("starting_after", List.of("user_2")))).containsExactly("user_3", "user_4");
    }

    @Test
    void to_go_on_after_a_user_that_is_gone_is_refused() throws InterruptedException {
        ClerkUserPages pages = new ClerkUserPages(new Clerk(0), Map.of("starting_after", List.of("user_9")), SIZE);

        assertThat(pages.next()).isEqualTo(new Page.Unavailable(new Failure.Refused(422, false)));
    }

    @Test
    void other_orders_go_by_offset_and_filters_go_along() throws InterruptedException {
        List<String> targets = new ArrayList<>();
        ClerkUserPages pages = new ClerkUserPages(
                target -> {
                    targets.add(target.toString());
                    return new FetchResult.Users(
                            targets.size() == 1
                                    ? Stream.of("a", "b")
                                            .map(ClerkUserPagesTest::user)
                                            .toList()
                                    : Stream.of("b")
                                            .map(ClerkUserPagesTest::user)
                                            .toList());
                },
                Map.of("order_by", List.of("-last_active_at"), "query", List.of("a&b")),
                2);
        List<String> met = new ArrayList<>();
        while (!pages.over()) {
            met.addAll(ids(pages.next()));
        }

        assertThat(met).containsExactly("a", "b");
        assertThat(targets)
                .containsExactly(
                        "/v1/users?limit=2&order_by=-last_active_at&offset=0&query=a%26b",
                        "/v1/users?limit=2&order_by=-last_active_at&offset=2&query=a%26b");
    }

    private static ClerkUserList.User user(String id) {
        return new ClerkUserList.User(
                new ClerkResource(id, OptionalLong.of(1), OptionalLong.empty()),
                id.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<String> all(Clerk clerk, Map<String, List<String>> query) throws InterruptedException {
        ClerkUserPages pages = new ClerkUserPages(clerk, query, SIZE);
        List<String> met = new ArrayList<>();
        while (!pages.over()) {
            met.addAll(ids(pages.next()));
        }
        return met;
    }

    private static List<String> ids(Page page) {
        return ((Page.Users) page)
                .users().stream()
                        .map(user -> new String(user, StandardCharsets.US_ASCII))
                        .toList();
    }
}
