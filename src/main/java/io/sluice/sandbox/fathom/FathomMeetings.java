package io.sluice.sandbox.fathom;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.MalformedCallException;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Fathom's meetings, generated from their number, newest first, so that any amount of them takes no memory. Their count
 * is the setting {@code meetings}: raising it makes new ones appear on top.
 */
final class FathomMeetings {
    private static final int PAGE = 10;
    private static final int TEAMS_PAGE = 25;
    private static final long FIRST_RECORDING = 700_000;
    private static final Instant FIRST = Instant.parse("2026-01-01T09:00:00Z");
    private static final List<String> TEAMS = List.of("Sales", "CS", "Product");
    private static final List<String> PEOPLE = List.of("Ada", "Grace", "Edsger", "Barbara");

    private final Settings settings;

    FathomMeetings(Settings settings) {
        this.settings = settings;
    }

    SandboxResponse list(Call call) {
        Predicate<JsonObject> wanted = wanted(call);
        long offset = FathomSurface.offset(call);
        long page = Math.clamp(call.queryNumber("limit", PAGE), 1, 100);
        List<JsonObject> found = LongStream.iterate(count(), number -> number > 0, number -> number - 1)
                .mapToObj(FathomMeetings::meeting)
                .filter(wanted)
                .skip(offset)
                .limit(page + 1)
                .toList();
        JsonArray items = new JsonArray();
        found.stream().limit(page).forEach(meeting -> items.add(with(meeting, call)));
        return SandboxResponse.json(
                200,
                Json.of(
                        "limit", page,
                        "next_cursor", found.size() > page ? FathomSurface.cursor(offset + page) : null,
                        "items", items));
    }

    private long count() {
        return settings.number("meetings");
    }

    private static Predicate<JsonObject> wanted(Call call) {
        Instant after = instant(call.query("created_after"), Instant.MIN);
        Instant before = instant(call.query("created_before"), Instant.MAX);
        List<String> teams = call.queries("teams[]");
        List<String> recorders = call.queries("recorded_by[]");
        List<String> domains = call.queries("calendar_invitees_domains[]");
        String type = call.query("calendar_invitees_domains_type");
        return meeting -> {
            Instant created = Instant.parse(meeting.getString("created_at"));
            JsonObject recorder = meeting.getJsonObject("recorded_by");
            return created.isAfter(after)
                    && created.isBefore(before)
                    && (teams.isEmpty() || teams.contains(recorder.getString("team")))
                    && (recorders.isEmpty() || recorders.contains(recorder.getString("email")))
                    && (domains.isEmpty() || domains.contains("example.com"))
                    && (type == null
                            || type.equals("all")
                            || type.equals(meeting.getString("calendar_invitees_domains_type")));
        };
    }

    private static Instant instant(@Nullable String text, Instant otherwise) {
        try {
            return text == null ? otherwise : Instant.parse(text);
        } catch (DateTimeParseException wrong) {
            throw new MalformedCallException("not an ISO-8601 time: " + text);
        }
    }

    private static JsonObject meeting(long number) {
        Instant start = FIRST.plus(Duration.ofHours(number));
        JsonObject person = person(number);
        return Json.of(
                "title",
                "Meeting " + number,
                "meeting_title",
                "Meeting " + number,
                "recording_id",
                FIRST_RECORDING + number,
                "url",
                "https://fathom.example/calls/" + number,
                "share_url",
                "https://fathom.example/share/" + number,
                "created_at",
                start.plus(Duration.ofMinutes(31)).toString(),
                "scheduled_start_time",
                start.toString(),
                "scheduled_end_time",
                start.plus(Duration.ofMinutes(30)).toString(),
                "recording_start_time",
                start.plus(Duration.ofMinutes(1)).toString(),
                "recording_end_time",
                start.plus(Duration.ofMinutes(29)).toString(),
                "calendar_invitees_domains_type",
                number % 3 == 0 ? "one_or_more_external" : "only_internal",
                "transcript_language",
                "en",
                "transcript",
                null,
                "default_summary",
                null,
                "action_items",
                null,
                "crm_matches",
                null,
                "recorded_by",
                person,
                "calendar_invitees",
                Json.array(Json.of(
                        "name",
                        person.getString("name"),
                        "email",
                        person.getString("email"),
                        "email_domain",
                        "example.com",
                        "is_external",
                        false,
                        "matched_speaker_display_name",
                        null)));
    }

    private static JsonObject person(long number) {
        String name = PEOPLE.get((int) (number % PEOPLE.size()));
        return Json.of(
                "name",
                name,
                "email",
                name.toLowerCase(Locale.ROOT) + "@example.com",
                "email_domain",
                "example.com",
                "team",
                TEAMS.get((int) (number % TEAMS.size())));
    }

    private static JsonObject with(JsonObject meeting, Call call) {
        long recording = meeting.getLong("recording_id");
        if (call.queryFlag("include_transcript")) {
            meeting.put("transcript", lines(recording));
        }
        if (call.queryFlag("include_summary")) {
            meeting.put("default_summary", text(recording));
        }
        if (call.queryFlag("include_action_items")) {
            meeting.put("action_items", new JsonArray());
        }
        if (call.queryFlag("include_crm_matches")) {
            meeting.put("crm_matches", new JsonObject());
        }
        return meeting;
    }

    private static JsonObject text(long recording) {
        return Json.of(
                "template_name", "general", "markdown_formatted", "## Recording " + recording + "\n\nAll agreed.");
    }

    private static JsonArray lines(long recording) {
        JsonObject speaker = Json.of("display_name", "Ada", "matched_calendar_invitee_email", "ada@example.com");
        return Json.array(
                Json.of("speaker", speaker, "text", "This is recording " + recording + ".", "timestamp", "00:00:03"),
                Json.of("speaker", speaker, "text", "And that was it.", "timestamp", "00:28:40"));
    }

    SandboxResponse summary(Call call) {
        return elsewhereOr(call, Json.of("summary", text(recording(call))));
    }

    SandboxResponse transcript(Call call) {
        return elsewhereOr(call, Json.of("transcript", lines(recording(call))));
    }

    /** With a destination the vendor answers at once and posts later; the sandbox posts nothing. */
    private static SandboxResponse elsewhereOr(Call call, JsonObject json) {
        String destination = call.query("destination_url");
        return SandboxResponse.json(200, destination == null ? json : Json.of("destination_url", destination));
    }

    /**
     * The recording that a path names.
     *
     * @throws RefusedException if there is none
     */
    long recording(Call call) {
        try {
            long recording = Long.parseLong(call.parameter("recording"));
            if (recording > FIRST_RECORDING && recording <= FIRST_RECORDING + count()) {
                return recording;
            }
        } catch (NumberFormatException notNumber) {
            throw new MalformedCallException("a recording's id is a number");
        }
        throw new RefusedException(SandboxResponse.empty(404));
    }

    SandboxResponse types(Call call) {
        return SandboxResponse.json(
                200,
                Json.of("limit", TEAMS_PAGE, "next_cursor", null, "items", Json.array(Json.of("name", "General"))));
    }

    SandboxResponse teams(Call call) {
        JsonArray items = TEAMS.stream()
                .map(team -> Json.of("name", team, "created_at", FIRST.toString()))
                .collect(Json.toArray());
        return SandboxResponse.json(200, Json.of("limit", TEAMS_PAGE, "next_cursor", null, "items", items));
    }

    SandboxResponse members(Call call) {
        JsonArray items = new JsonArray();
        for (int i = 0; i < PEOPLE.size(); i++) {
            JsonObject person = person(i);
            if (call.query("team") == null || person.getString("team").equals(call.query("team"))) {
                items.add(Json.of(
                        "name", person.getString("name"),
                        "email", person.getString("email"),
                        "created_at", FIRST.toString()));
            }
        }
        return SandboxResponse.json(200, Json.of("limit", TEAMS_PAGE, "next_cursor", null, "items", items));
    }
}
