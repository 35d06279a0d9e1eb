package io.sluice.call;

import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The request of an attempt, after any redirections.
 *
 * @param uri the full URI
 * @param redirects how many redirections led here
 */
record Request(URI uri, String method, Body body, int redirects) {
    static final int SEE_OTHER = 303;
    /**
     * The redirections that keep method and body; 301 and 302 too, since a call of an API means what it says (RFC 9110,
     * section 15.4).
     */
    private static final Set<Integer> SAME_AGAIN = Set.of(301, 302, 307, 308);

    /** The request of the first attempt. */
    Request(URI uri, String method, Body body) {
        this(uri, method, body, 0);
    }

    /**
     * Returns the request that a redirection asks for, if it may be made: to one of the URLs that the account has for
     * its vendor, since the request carries the credential, and with a body that can be sent again.
     *
     * @param location the header's value
     */
    Optional<Request> redirected(Account account, int status, String location) {
        if (account.elsewhere().isEmpty() || location.isBlank()) {
            return Optional.empty();
        }
        return there(account, location).flatMap(there -> {
            if (status == SEE_OTHER) {
                return Optional.of(
                        new Request(there, method.equals("HEAD") ? "HEAD" : "GET", new Body.None(), redirects + 1));
            }
            return SAME_AGAIN.contains(status) && !(body instanceof Body.Streaming)
                    ? Optional.of(new Request(there, method, body, redirects + 1))
                    : Optional.empty();
        });
    }

    private Optional<URI> there(Account account, String location) {
        try {
            URI there = uri.resolve(location.strip());
            return Stream.concat(Stream.of(account.url()), account.elsewhere().stream())
                    .filter(base -> there.toString().startsWith(base + "/"))
                    .findFirst()
                    // Neither dots nor anything else may lead out of that URL.
                    .map(base -> URI.create(base
                            + Target.parse(withoutFragment(there)
                                            .substring(base.toString().length()))
                                    .toString()));
        } catch (IllegalArgumentException unclear) {
            return Optional.empty();
        }
    }

    private static String withoutFragment(URI uri) {
        return uri.toString().split("#", 2)[0];
    }
}
