package io.sluice.call;

import java.util.Set;

/**
 * The responses of a vendor that mean that something paid for is used up. Waiting does not help then and the call is
 * not repeated, unless the vendor can be asked and confirms another cause.
 *
 * @param statuses the statuses they come with
 * @param codes the error codes in their JSON bodies
 */
public record QuotaErrors(Set<Integer> statuses, Set<String> codes) {
    /** For a vendor that has no such responses. */
    public static final QuotaErrors NONE = new QuotaErrors(Set.of(), Set.of());

    public QuotaErrors {
        statuses = Set.copyOf(statuses);
        codes = Set.copyOf(codes);
    }

    /** Returns true if a response with that body is one. */
    public boolean match(int status, String body) {
        return statuses.contains(status) && codes.stream().anyMatch(code -> body.contains('"' + code + '"'));
    }
}
