package io.sluice.sandbox;

import java.util.List;
import java.util.Map;

/** One API of a vendor, with its own host and credentials: how it looks from outside. */
interface Surface {
    /** Where it is served, such as {@code /sandbox/clerk}. */
    String mount();

    Operations operations();

    /** Whether the call carries this surface's credentials. */
    boolean admits(Call call);

    Answer unauthorized();

    Answer tooMany(Limits.Decision.Rejected rejected);

    /** The answer to a body that is not the JSON it should be. */
    Answer malformed(String detail);

    /** The answer to a body above the size that the sandbox reads. */
    Answer tooLarge();

    /** Headers about limits on an answer that was not refused; {@code readings} is empty for calls under no limit. */
    default Map<String, String> limitHeaders(List<Limiter.Reading> readings) {
        return Map.of();
    }
}
