package io.sluice.web;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** {@code sluice.events.*}: the streams of {@code GET /api/events}. */
@ConfigMapping(prefix = "sluice.events")
public interface EventsConfig {
    /** Streams that one team may have open at once; a browser tab has one. */
    @WithDefault("50")
    @Min(1)
    int streamsPerTeam();

    /** Streams that all teams together may have open in one process; a stream is a connection and some kilobytes. */
    @WithDefault("1000")
    @Min(1)
    int maxStreams();

    /** Interval between comments that keep proxies from closing a quiet stream; the HTML standard suggests 15 s. */
    @WithDefault("15s")
    @DurationMin(seconds = 1)
    Duration heartbeat();

    /** How long a client may read nothing, while there is something to read, before its connection is closed. */
    @WithDefault("30s")
    @DurationMin(seconds = 1)
    Duration stallTimeout();

    /** Exports of a team that are watched at once, the youngest first. It bounds the memory of a stream. */
    @WithDefault("200")
    @Min(1)
    @Max(1000)
    int maxWatched();
}
