package io.sluice.vendor.clari;

import io.sluice.call.Call;
import io.sluice.call.VendorThrottledException;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;

/** The submission of exports that teams request on the mount. */
@FunctionalInterface
interface MountSubmission {
    /**
     * Sends a request that has its permit, and returns the response.
     *
     * @throws VendorThrottledException if it was refused since all slots are taken
     */
    Response submit(Call call, Function<Call, Response> api);
}
