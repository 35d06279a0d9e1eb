package io.sluice.saas.clerk;

import io.sluice.call.Target;
import io.sluice.saas.clerk.ClerkUsers.Failure;
import io.sluice.saas.clerk.ClerkUsers.FetchResult;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An iteration over all users, a page at a time. Used by one thread.
 *
 * <p>Ordered by creation, a page begins after the last user of the one before: so users that are created or deleted
 * meanwhile shift nothing, and the oldest first means that new ones are listed in the end. If that last user is deleted
 * by then, the page begins at its time of creation instead, and users that were listed already are left out. Ordered
 * otherwise, Clerk has only offsets; then users may be skipped when others are created or deleted, and only doubles of
 * the page before are left out.
 */
public final class ClerkUserPages {
    private static final String ORDER = "order_by";
    private static final String AFTER = "starting_after";
    private static final String OLDEST_FIRST = "+created_at";
    private static final String NEWEST_FIRST = "-created_at";

    private final Pages pages;
    private final Map<String, List<String>> filters = new LinkedHashMap<>();
    private final String order;
    private final boolean byCursor;
    private final int size;

    private @Nullable String last;
    private OptionalLong lastCreated = OptionalLong.empty();
    private Set<String> seenIds = new HashSet<>(); // of the last moment, or of the last page
    private long offset;
    private boolean over;

    /** Fetches a list; waits. */
    @FunctionalInterface
    interface Pages {
        FetchResult fetch(Target target) throws InterruptedException;
    }

    /** The result of fetching the next page. */
    public sealed interface Page {
        /** The users' own bytes, in order; empty after the last page. */
        record Users(List<byte[]> users) implements Page {}

        /** The page cannot be fetched. */
        record Unavailable(Failure failure) implements Page {}
    }

    ClerkUserPages(Pages pages, Map<String, List<String>> query, int size) {
        this.pages = pages;
        this.size = size;
        query.forEach((name, values) -> filters.put(name, List.copyOf(values)));
        List<String> ordered = filters.remove(ORDER);
        String asked = ordered == null || ordered.isEmpty() ? OLDEST_FIRST : ordered.getFirst();
        order = asked.equals("created_at") || asked.equals(" created_at") ? OLDEST_FIRST : asked;
        byCursor = order.equals(OLDEST_FIRST) || order.equals(NEWEST_FIRST);
        List<String> after = filters.remove(AFTER);
        last = after == null || after.isEmpty() ? null : after.getFirst();
    }

    /** True if all users have been listed. */
    public boolean over() {
        return over;
    }

    /** Fetches the next page; waits. */
    public Page next() throws InterruptedException {
        FetchResult fetched = fetch(last, filters);
        if (fetched instanceof FetchResult.Unavailable(Failure.Refused refused)
                && refused.status() < 500
                && !refused.quota()
                && byCursor
                && lastCreated.isPresent()) {
            fetched = fetch(null, fromLastMoment(lastCreated.getAsLong()));
        }
        return switch (fetched) {
            case FetchResult.Unavailable(Failure failure) -> new Page.Unavailable(failure);
            case FetchResult.Users(List<ClerkUserList.User> users) -> page(users);
        };
    }

    private Page page(List<ClerkUserList.User> users) {
        over = users.size() < size;
        offset += users.size();
        List<byte[]> fresh = new ArrayList<>(users.size());
        Set<String> before = Set.copyOf(seenIds);
        if (!byCursor) {
            seenIds = new HashSet<>();
        }
        for (ClerkUserList.User user : users) {
            String id = user.resource().id();
            if (!before.contains(id)) {
                fresh.add(user.json());
            }
            if (byCursor && !user.resource().createdAt().equals(lastCreated)) {
                seenIds = new HashSet<>();
            }
            seenIds.add(id);
            last = id;
            lastCreated = user.resource().createdAt();
        }
        return new Page.Users(fresh);
    }

    /** The query for users from the moment at which the last one was created, that moment included. */
    private Map<String, List<String>> fromLastMoment(long created) {
        Map<String, List<String>> more = new LinkedHashMap<>(filters);
        if (order.equals(OLDEST_FIRST)) {
            more.put("created_at_after", List.of(Long.toString(created - 1)));
        } else {
            more.put("created_at_before", List.of(Long.toString(created + 1)));
        }
        return more;
    }

    private FetchResult fetch(@Nullable String after, Map<String, List<String>> filtered) throws InterruptedException {
        StringBuilder query = new StringBuilder("/v1/users?limit=").append(size);
        append(query, ORDER, order);
        if (byCursor && after != null) {
            append(query, AFTER, after);
        } else if (!byCursor) {
            append(query, "offset", Long.toString(offset));
        }
        filtered.forEach((name, values) -> values.forEach(value -> append(query, name, value)));
        return pages.fetch(Target.parse(query.toString()));
    }

    private static void append(StringBuilder query, String name, String value) {
        query.append('&')
                .append(URLEncoder.encode(name, StandardCharsets.UTF_8))
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
}
