package io.sluice.call;

import java.util.Set;

/**
 * Which of a vendor's answers say that something paid for is used up, so that waiting does not help and nothing
 * repeats the call, unless the vendor can be asked and says that it meant something else.
 *
 * @param statuses the statuses they come with
 * @param codes the error codes in their JSON bodies
 */
public record QuotaErrors(Set<Integer> statuses, Set<String> codes) {
    /** For a vendor that has none. */
    public static final QuotaErrors NONE = new QuotaErrors(Set.of(), Set.of());

    public QuotaErrors {
        statuses = Set.copyOf(statuses);
        codes = Set.copyOf(codes);
    }

    /** Whether an answer with that body is one. */
    public boolean match(int status, String body) {
        return statuses.contains(status) && codes.stream().anyMatch(code -> body.contains('"' + code + '"'));
    }
}
