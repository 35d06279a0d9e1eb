package io.sluice.saas;

import io.sluice.call.Account;
import io.sluice.call.Dialect;
import io.sluice.call.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One API of a vendor, with its own host and credentials.
 *
 * @param vendor the vendor's name
 * @param mount the path under which Sluice serves it, without slashes at its ends: {@code customerio/track}
 * @param accounts by name
 * @param routes in the order they are tried; the last ones must match everything
 */
public record Surface(
        String vendor,
        String mount,
        Map<String, Account> accounts,
        List<Route> routes,
        Dialect dialect,
        ErrorShape errors) {
    public Surface {
        accounts = Map.copyOf(accounts);
        routes = List.copyOf(routes);
    }

    public Optional<Account> account(String name) {
        return Optional.ofNullable(accounts.get(name));
    }

    /** The template of the path that callers use for a call, under the mount. */
    public String path(Route.Match match) {
        return "/" + mount + match.template();
    }

    /** The operation that a call belongs to. */
    public Route.Match match(String method, Target target) {
        for (Route route : routes) {
            Optional<Route.Match> match = route.match(method, target);
            if (match.isPresent()) {
                return match.get();
            }
        }
        throw new IllegalStateException("no route of " + mount + " takes " + method);
    }
}
