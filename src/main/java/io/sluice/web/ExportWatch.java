package io.sluice.web;

import io.sluice.export.Export;
import io.sluice.export.Exporter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one watcher of an export has been told. Used by one thread at a time. */
final class ExportWatch {
    /** So many looks without a change, and a comment keeps the connection from being taken for dead. */
    private static final int QUIET = 15;

    private final Sse sse;
    private final Map<String, ExportView.PartView> parts = new HashMap<>();
    private @Nullable ExportView export;
    private int quiet;

    ExportWatch(Sse sse) {
        this.sse = sse;
    }

    /**
     * What there is to tell.
     *
     * @param last whether there will be no more
     */
    record Changes(List<OutboundSseEvent> events, boolean last) {}

    /** What has changed since the last look. */
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

    /** The export is forgotten. */
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
