package io.sluice.saas;

import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rule for batching reads: turns reads of single resources into one read of many. Stateless. */
public interface Batching {
    /** The largest number of ids in one read. */
    int most();

    /** The read of many, which counts against the same limits as that of one. */
    Operation operation();

    /** Makes the read of many; waits for the head of the response. */
    Response api(Call call);

    /** The resource that a call reads, if it can be batched with others. */
    Optional<Single> single(CallRequest call);

    /** The target of a read of many resources. */
    Target together(List<String> ids);

    /**
     * Splits a response into its resources.
     *
     * @param body of the response to a read of many
     * @return each resource's own bytes, as they stand in the body, by id; empty if the body cannot be read
     */
    Optional<Map<String, byte[]>> apart(byte[] body);

    /** The vendor's 404 body for a single resource that does not exist. */
    ErrorShape.Body missing(String id, String requestId);

    /**
     * A single resource that a call reads.
     *
     * @param group resources of the same group can be read together
     */
    record Single(String id, String group) {}
}
