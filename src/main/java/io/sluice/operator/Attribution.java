package io.sluice.operator;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The author, time, reason and end of an operator's setting.
 *
 * @param by the admin's team; null if a version that did not record it made the setting
 * @param at when the setting was made; null likewise
 * @param reason the reason in the operator's words, if there is one
 * @param until when the setting ends by itself; null if an operator has to end it
 */
public record Attribution(
        @Nullable String by,
        @Nullable Instant at,
        @Nullable String reason,
        @Nullable Instant until) {
    /** Times are cut to milliseconds, as they are stored. */
    public Attribution {
        at = at == null ? null : at.truncatedTo(ChronoUnit.MILLIS);
        until = until == null ? null : until.truncatedTo(ChronoUnit.MILLIS);
    }
}
