package io.sluice.call;

import io.sluice.budget.Answer;
import jakarta.ws.rs.core.MultivaluedMap;

/** How a vendor speaks about its limits. Stateless. */
@FunctionalInterface
public interface Dialect {
    /**
     * Reads one answer. Headers that are missing or malformed say nothing.
     *
     * @return with a throttle exactly if the vendor refused the call for its rate, or asks everybody to stay away
     */
    Answer read(Operation operation, int status, MultivaluedMap<String, Object> headers);

    /** Which answers say that something paid for is used up. */
    default QuotaErrors quotas() {
        return QuotaErrors.NONE;
    }
}
