package io.sluice.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.export.Exports;
import io.sluice.export.job.Export;
import io.sluice.export.job.ExportsConfig;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The topic {@code exports}: the exports of a team that are queued or running, and each that has ended for a minute
 * more, so that also slow clients are sent its last state. The last entry sums up.
 */
@Singleton
class ExportsTopic implements EventTopic {
    static final String NAME = "exports";
    static final String EXPORT = "export";
    static final String SUMMARY = "exports";

    /** More than two heartbeats: a client that has not read for so long is disconnected, or about to be. */
    private static final Duration SHOWN_AFTER_END = Duration.ofMinutes(1);

    private static final String SUMMARY_KEY = "";

    private final Exports exports;
    private final ExportsConfig exportsConfig;
    private final EventsConfig config;
    private final InstantSource clock;
    private final ObjectMapper json;

    ExportsTopic(
            Exports exports, ExportsConfig exportsConfig, EventsConfig config, InstantSource clock, ObjectMapper json) {
        this.exports = exports;
        this.exportsConfig = exportsConfig;
        this.config = config;
        this.clock = clock;
        this.json = json;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Duration interval() {
        return exportsConfig.eventInterval();
    }

    @Override
    public State read(@Nullable String team, State before) {
        List<Export> found = exports.underWay(team, config.maxWatched() + 1);
        boolean more = found.size() > config.maxWatched();
        List<Export> underWay = more ? found.subList(0, config.maxWatched()) : found;
        Set<String> ids = new HashSet<>();
        List<Entry> entries = new ArrayList<>();
        for (Export export : underWay) {
            ids.add(export.id());
            entries.add(entry(export, null));
        }
        entries.addAll(ended(before, ids));
        entries.add(new Entry(SUMMARY_KEY, SUMMARY, written(new ExportView.UnderWay(underWay.size(), more)), null));
        return before.next(entries);
    }

    /** The entries that were unfinished at the last reading, and those that have ended not long ago. */
    private List<Entry> ended(State before, Set<String> underWay) {
        Instant now = clock.instant();
        List<Entry> ended = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (Entry entry : before.entries().values()) {
            if (entry.key().equals(SUMMARY_KEY) || underWay.contains(entry.key())) {
                continue;
            }
            Instant end = entry.endedAt();
            if (end == null) {
                gone.add(entry.key());
            } else if (ended.size() < config.maxWatched() && now.isBefore(end.plus(SHOWN_AFTER_END))) {
                ended.add(entry);
            }
        }
        for (Export export : exports.find(gone)) {
            if (export.state().over()) {
                ended.addFirst(entry(export, now));
            }
        }
        return ended.size() > config.maxWatched() ? ended.subList(0, config.maxWatched()) : ended;
    }

    private Entry entry(Export export, @Nullable Instant endedAt) {
        return new Entry(export.id(), EXPORT, written(ExportView.of(export, exports.terms(export))), endedAt);
    }

    private String written(Object view) {
        try {
            return json.writeValueAsString(view);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view is no JSON", e);
        }
    }
}
