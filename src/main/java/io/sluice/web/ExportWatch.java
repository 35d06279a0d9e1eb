package io.sluice.web;

import io.sluice.export.job.Export;
import io.sluice.export.job.Exporter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of one export's watcher: what it has been sent. Used by one thread at a time. */
final class ExportWatch {
    /** The number of polls without a change after which a comment shows that the connection is alive. */
    private static final int QUIET = 15;

    private final Sse sse;
    private final Map<String, ExportView.PartView> parts = new HashMap<>();
    private @Nullable ExportView export;
    private int quiet;

    ExportWatch(Sse sse) {
        this.sse = sse;
    }

    /**
     * The changes to send.
     *
     * @param last whether there will be no more
     */
    record Changes(List<OutboundSseEvent> events, boolean last) {}

    /** Returns the changes since the last poll. */
    Changes see(Export current, Exporter.Terms terms) {
        List<OutboundSseEvent> events = new ArrayList<>();
        ExportView view = ExportView.of(current, terms);
        ExportView head = view.withoutParts();
        for (ExportView.PartView part : view.parts()) {
            if (!part.equals(parts.put(part.part(), part))) {
                events.add(event("part", part));
            }
        }
        if (!head.equals(export)) {
            export = head;
            events.add(event("export", head));
        }
        quiet = events.isEmpty() ? quiet + 1 : 0;
        if (quiet == QUIET) {
            quiet = 0;
            events.add(sse.newEventBuilder().comment("nothing new").build());
        }
        return new Changes(events, current.state().over());
    }

    /** Returns the end of the changes, since the export has been deleted. */
    Changes gone() {
        return new Changes(List.of(), true);
    }

    private OutboundSseEvent event(String name, Object data) {
        return sse.newEventBuilder()
                .name(name)
                .mediaType(MediaType.APPLICATION_JSON_TYPE)
                .data(data)
                .build();
    }
}
