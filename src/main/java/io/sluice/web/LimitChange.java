package io.sluice.web;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.sluice.budget.window.Limit;
import io.sluice.budget.window.Limiter;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The change of a limit, as an admin requests it: fields that are left out stay as they are. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "LimitChange")
public record LimitChange(
        @Min(1) @Nullable Integer permits,
        @Min(1) @Nullable Long windowMs,

        @Schema(description = "How the vendor counts") @Nullable
        String limiter,

        @Min(1) @Nullable Integer burst,

        @Schema(description = "allowed: resumes bursts that were stopped")
        @Pattern(regexp = "allowed", message = "must be allowed")
        @Nullable
        String bursts,

        @Size(max = SettingRequest.LONGEST_REASON)
        @Pattern(regexp = SettingRequest.TEXT, message = SettingRequest.NO_TEXT)
        @Schema(description = SettingRequest.REASON)
        @Nullable
        String reason,

        @Schema(description = SettingRequest.UNTIL) @Nullable
        Instant until,

        @Min(1) @Schema(description = SettingRequest.FOR_MS) @Nullable
        Long forMs) {
    SettingRequest setting() {
        return new SettingRequest(reason, until, forMs);
    }

    boolean hasNumbers() {
        return permits != null || windowMs != null || limiter != null || burst != null;
    }

    Limit applied(Limit current) {
        if (!hasNumbers() && bursts == null) {
            throw new IllegalArgumentException("name what to change: permits, window_ms, limiter, burst or bursts");
        }
        int changedPermits = permits == null ? current.permits() : permits;
        return switch (current) {
            case Limit.Concurrency inFlight -> {
                if (windowMs != null || limiter != null || burst != null) {
                    throw new IllegalArgumentException(
                            "limit " + inFlight.name() + " counts calls in flight: only its permits can change");
                }
                yield new Limit.Concurrency(inFlight.name(), changedPermits);
            }
            case Limit.Rate rate -> {
                yield rate.changed(
                        changedPermits,
                        windowMs == null ? rate.window() : Duration.ofMillis(windowMs),
                        limiter == null ? rate.limiter() : parse(limiter),
                        burst == null ? OptionalInt.empty() : OptionalInt.of(burst));
            }
        };
    }

    private static Limiter parse(String name) {
        try {
            return Limiter.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "limiter must be one of "
                            + Stream.of(Limiter.values())
                                    .map(limiter -> limiter.name().toLowerCase(Locale.ROOT))
                                    .toList()
                            + ": " + name,
                    e);
        }
    }
}
