package io.sluice.team;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import java.util.Map;

/** {@code sluice.teams.*}: the teams and their permissions. */
@ConfigMapping(prefix = "sluice.teams")
public interface TeamsConfig {
    /** The teams, by name. */
    @WithParentName
    Map<String, Team> teams();

    /** One team. */
    interface Team {
        /** The SHA-256 of the team's key, in lower-case hex. */
        @Pattern(regexp = "[0-9a-f]{64}", message = "must be the SHA-256 of the team's key in lower-case hex")
        String keyHash();

        /** The team's share beside others that wait. */
        @WithDefault("1")
        @Min(1)
        int weight();

        /**
         * The calls that it may make: {@code vendor:operation}, {@code vendor:read}, {@code vendor:write},
         * {@code vendor:*}.
         */
        @WithDefault("*")
        List<String> allow();

        /** True if the team may pause, resume and change limits, and see every team's work. */
        @WithDefault("false")
        boolean admin();

        /** How many of the team's calls may wait for one account at once. */
        @WithDefault("1000")
        @Min(1)
        int maxQueued();

        /** True if the team may get cached responses that are out of date while the vendor cannot be asked. */
        @WithDefault("true")
        boolean stale();
    }
}
