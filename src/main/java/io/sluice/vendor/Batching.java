package io.sluice.vendor;

import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How reads of single things become one read of many. Stateless. */
public interface Batching {
    /** How many things can be asked for at once. */
    int most();

    /** The read of many, which counts against the same limits as that of one. */
    Operation operation();

    /** Makes the read of many; waits for the answer's head. */
    Response api(Call call);

    /** What a call asks for, if it can be asked for together with others. */
    Optional<Single> single(Call call);

    /** What asks for many things. */
    Target together(List<String> ids);

    /**
     * Takes an answer apart.
     *
     * @param body of the answer to a read of many
     * @return each thing's own bytes, as they stand in the body, by id; nothing if the body cannot be read
     */
    Optional<Map<String, byte[]>> apart(byte[] body);

    /** How the vendor answers, with 404, the read of a single thing that is not there. */
    ErrorShape.Body missing(String id, String requestId);

    /**
     * A single thing that is asked for.
     *
     * @param group those of the same group can be asked for together
     */
    record Single(String id, String group) {}
}
