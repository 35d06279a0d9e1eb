package io.sluice.call;

import io.sluice.budget.LimitFeedback;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.function.Supplier;

/** How a vendor speaks about its limits. Stateless. */
@FunctionalInterface
public interface Dialect {
    /**
     * Reads one answer. Headers that are missing or malformed say nothing.
     *
     * @return with a throttle exactly if the vendor refused the call for its rate, or asks everybody to stay away
     */
    LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers);

    /**
     * Whether an answer says that the company's credential is not taken: a matter of the account's, and not of the call. 403
     * never does at any vendor that is known: it speaks of quotas, plans, or what one user may see.
     *
     * @param beginning reads the beginning of the body, if it is needed
     */
    default boolean refusesCredential(int status, Supplier<String> beginning) {
        return status == 401;
    }

    /** Which answers say that something paid for is used up. */
    default QuotaErrors quotas() {
        return QuotaErrors.NONE;
    }
}
