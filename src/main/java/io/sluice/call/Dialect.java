package io.sluice.call;

import io.sluice.budget.LimitFeedback;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.function.Supplier;

/** A vendor's way to express its limits and refusals: a reader of its responses. Stateless. */
@FunctionalInterface
public interface Dialect {
    /**
     * Reads one response. Headers that are missing or malformed are ignored.
     *
     * @return with a throttle exactly if the vendor refused the call for its rate, or asks all callers to back off
     */
    LimitFeedback read(Operation operation, int status, MultivaluedMap<String, Object> headers);

    /**
     * Returns true if a response refuses the company's credential, which concerns the account and not the call. 403
     * never does at any supported vendor: it is about quotas, plans, or what one user may see.
     *
     * @param beginning reads the beginning of the body, if it is needed
     */
    default boolean refusesCredential(int status, Supplier<String> beginning) {
        return status == 401;
    }

    /** Returns the responses that mean that something paid for is used up. */
    default QuotaErrors quotas() {
        return QuotaErrors.NONE;
    }
}
