package io.sluice.sandbox.http;

import io.sluice.sandbox.limits.Limiter;
import io.sluice.sandbox.limits.Limits;
import java.util.List;
import java.util.Map;

/** One API of a simulated vendor, with its own host and credentials, as seen from outside. */
public interface Surface {
    /** The path at which it is served, such as {@code /sandbox/clerk}. */
    String mount();

    Operations operations();

    /** True if the call carries this surface's credentials. */
    boolean admits(Call call);

    SandboxResponse unauthorized();

    SandboxResponse tooMany(Limits.Decision.Rejected rejected);

    /** The response to a body that is not the JSON it should be. */
    SandboxResponse malformed(String detail);

    /** The response to a body above the size that the sandbox reads. */
    SandboxResponse tooLarge();

    /** Headers about limits on a response that was not refused; {@code readings} is empty for calls under no limit. */
    default Map<String, String> limitHeaders(List<Limiter.Status> readings) {
        return Map.of();
    }
}
