package io.sluice.saas.clari;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.Json;
import io.sluice.export.job.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** A parser of Clari's JSON about export jobs. */
final class ClariJobs {
    /** The states of a job that has ended without a file. */
    static final Set<String> FAILED = Set.of("FAILED", "ABORTED", "CANCELLED");

    private ClariJobs() {}

    /** The id in the response to a request, or of a job. */
    static Optional<String> id(JsonNode answer) {
        JsonNode job = unwrapped(answer);
        return Optional.of(job.path("jobId").asText(job.path("id").asText(""))).filter(id -> !id.isEmpty());
    }

    /** The id in the response to a request, if there is one. */
    static Optional<String> id(String answer) {
        try {
            return id(Json.LENIENT.readTree(answer));
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }

    /** The job; both forms are in use: {@code {"jobId": ...}}, and the same inside {@code {"job": ...}}. */
    static JsonNode unwrapped(JsonNode answer) {
        return answer.path("job").isObject() ? answer.path("job") : answer;
    }

    /** The jobs in a list. */
    static List<JsonNode> list(JsonNode answer) {
        JsonNode list = answer.isArray() ? answer : answer.path("jobs");
        return StreamSupport.stream(list.spliterator(), false)
                .map(ClariJobs::unwrapped)
                .toList();
    }

    /** True unless a listed job, which has no period, shows that another request led to it than one with this body. */
    static boolean mayBeFor(JsonNode listed, JsonNode requested) {
        return agrees(listed, "module", "FORECAST")
                && agrees(listed, "fileType", requested.path("exportFormat").asText())
                && agrees(listed, "currency", requested.path("currency").asText(""));
    }

    private static boolean agrees(JsonNode listed, String field, String expected) {
        String value = listed.path(field).asText("");
        return value.isEmpty() || value.equals("null") || expected.isEmpty() || value.equals(expected);
    }

    /** The end of a job that has a file. */
    static JobState.Ended ended(JsonNode state) {
        Long took = state.path("endTime").isNumber() && state.path("startTime").isNumber()
                ? Long.valueOf(
                        state.path("endTime").asLong() - state.path("startTime").asLong())
                : null;
        Map<String, Boolean> flags = new TreeMap<>();
        flags.put("rows_truncated", state.path("rowsTruncated").asBoolean());
        flags.put("cells_truncated", state.path("cellsTruncated").asBoolean());
        return new JobState.Ended(
                state.path("fileName").isTextual() ? state.path("fileName").asText() : null,
                state.path("expiredTime").isNumber()
                        ? Instant.ofEpochMilli(state.path("expiredTime").asLong())
                        : null,
                took,
                flags);
    }
}
