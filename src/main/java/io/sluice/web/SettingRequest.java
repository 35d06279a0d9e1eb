package io.sluice.web;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.sluice.operator.Attribution;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.team.Team;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The reason and the end of a setting that an admin makes; both may be left out. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "SettingRequest")
public record SettingRequest(
        @Size(max = SettingRequest.LONGEST_REASON)
        @Pattern(regexp = SettingRequest.TEXT, message = SettingRequest.NO_TEXT)
        @Schema(description = SettingRequest.REASON, examples = "asked for by the vendor, incident 4711")
        @Nullable
        String reason,

        @Schema(description = SettingRequest.UNTIL) @Nullable
        Instant until,

        @Min(1) @Schema(description = SettingRequest.FOR_MS) @Nullable
        Long forMs) {
    /** For the API document. */
    static final String EXAMPLE = "{\"reason\":\"incident 4711\",\"for_ms\":3600000}";

    /** As long as the reason of a reset: some sentences and a link. */
    static final int LONGEST_REASON = 500;
    /** PostgreSQL stores no null characters. */
    static final String TEXT = "[^\\x00]*";

    static final String NO_TEXT = "must have no null character";
    static final String REASON = "The reason, for other admins: no longer than 500 characters";
    static final String UNTIL = "When it ends by itself: in the future, at most 366 days away";
    static final String FOR_MS = "The same as a duration from now, in place of until";

    /** As the longest window of a limit: what is to hold for longer belongs in the configuration. */
    private static final Duration LONGEST = Duration.ofDays(366);

    /**
     * Returns the attribution of a setting that a team makes now.
     *
     * @param request null for a setting without a reason, until an admin ends it
     * @throws ApiException if its end cannot be right
     */
    static Attribution attribution(@Nullable SettingRequest request, Team team, Instant now) {
        return request == null
                ? new Attribution(team.name(), now, null, null)
                : new Attribution(team.name(), now, request.reason(), request.end(now));
    }

    private @Nullable Instant end(Instant now) {
        if (until != null && forMs != null) {
            throw new ApiException(Kind.INVALID, "name until or for_ms, not both");
        }
        if (forMs != null) {
            check(forMs <= LONGEST.toMillis(), "for_ms must be at most 366 days, " + LONGEST.toMillis() + ": " + forMs);
            return now.plusMillis(forMs);
        }
        if (until != null) {
            check(until.isAfter(now), "until must be in the future: " + until);
            check(!until.isAfter(now.plus(LONGEST)), "until must be at most 366 days away: " + until);
        }
        return until;
    }

    private static void check(boolean right, String detail) {
        if (!right) {
            throw new ApiException(Kind.INVALID, detail);
        }
    }

    /** Returns details for the log of admins' actions, followed by those of an attribution. */
    static Object[] details(Attribution attribution, Object... first) {
        List<Object> details = new ArrayList<>(List.of(first));
        if (attribution.reason() != null) {
            details.addAll(List.of("reason", attribution.reason()));
        }
        if (attribution.until() != null) {
            details.addAll(List.of("until", attribution.until()));
        }
        return details.toArray();
    }
}
