package io.sluice.saas.clerk;

import io.sluice.saas.clerk.ClerkUsers.UserLookup;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The look-up of many users by id: iterates over the ids, and fetches those that are not cached whenever there are
 * enough for one call.
 */
final class ClerkUserLookup {
    /** How many results are in memory at most before they are written. */
    private static final int MOST_KNOWN = 1_000;

    private final ClerkUsers users;

    ClerkUserLookup(ClerkUsers users) {
        this.users = users;
    }

    /** Looks the ids up, and writes a result for each in their order. Waits for the calls to Clerk. */
    void look(ClerkUsers.LookupContext context, List<String> asked, LookupResultWriter results)
            throws IOException, InterruptedException {
        Map<String, UserLookup> known = new HashMap<>();
        Set<String> unknown = new LinkedHashSet<>();
        int written = 0;
        for (int next = 0; next < asked.size(); next++) {
            String id = asked.get(next);
            if (!known.containsKey(id) && !unknown.contains(id)) {
                users.kept(context, id).ifPresentOrElse(kept -> known.put(id, kept), () -> unknown.add(id));
            }
            boolean last = next == asked.size() - 1;
            if (unknown.size() == ClerkUsers.TOGETHER || last || known.size() >= MOST_KNOWN) {
                if (!unknown.isEmpty()) {
                    known.putAll(users.ask(context, unknown));
                    unknown.clear();
                }
                for (; written <= next; written++) {
                    results.add(asked.get(written), known.getOrDefault(asked.get(written), new UserLookup.Missing()));
                }
                known.clear();
                results.flush();
            }
        }
    }
}
