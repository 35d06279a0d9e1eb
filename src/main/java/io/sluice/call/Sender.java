package io.sluice.call;

import io.sluice.call.failure.CallAbandonedException;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;

/**
 * The entry point for calls to vendors: every part of Sluice that makes a call, on any team's behalf, makes it
 * through here.
 */
public interface Sender {
    /**
     * Makes the call: first the budget, then the vendor, with further attempts as far as that is safe and the caller's
     * maximal wait lasts. Waits for the head of the response; the receiver must read its body to the end or close it.
     *
     * @param api the vendor's interface method
     * @throws CallAbandonedException if the caller left while it waited for a permit
     */
    Result send(Call call, Function<Call, Response> api) throws InterruptedException;
}
