package io.sluice.vendor.clari;

import io.sluice.call.Call;
import jakarta.ws.rs.core.Response;

/** Hears of exports that teams order on the mount. */
@FunctionalInterface
interface MountOrders {
    /** Looks at the answer to an order, and returns it. */
    Response ordered(Call call, Response answer);
}
