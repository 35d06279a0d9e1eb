package io.sluice.export.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.sluice.Json;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON documents in the store: job states, problems and sets of strings. Of what a newer version wrote, fields that
 * this one has no member for are ignored, and kinds of problems that it does not know are read as a general one.
 */
@RegisterForReflection(
        targets = {
            JobProblem.class,
            JobState.Queued.class,
            JobState.Submitting.class,
            JobState.Running.class,
            JobState.Fetching.class,
            JobState.Done.class,
            JobState.Failed.class,
            JobState.Cancelled.class,
            JobState.Ended.class,
            JobState.StoredFile.class
        })
public final class JobJson {
    private static final ObjectMapper JSON = Json.STORED;

    private JobJson() {}

    /** The document of a job's state with its problem. */
    public static String detail(JobState state, @Nullable JobProblem problem) {
        ObjectNode detail = JSON.createObjectNode();
        detail.set("state", JSON.valueToTree(state));
        if (problem != null) {
            detail.set("trouble", JSON.valueToTree(problem));
        }
        return detail.toString();
    }

    public static JobState state(JobState.Name name, JsonNode detail) {
        return read(detail.path("state"), name.type());
    }

    public static @Nullable JobProblem problem(JsonNode detail) {
        return detail.hasNonNull("trouble") ? read(detail.path("trouble"), JobProblem.class) : null;
    }

    public static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document in the store is not JSON", e);
        }
    }

    /** A set of strings, as an array. */
    public static String strings(Set<String> strings) {
        return JSON.valueToTree(strings).toString();
    }

    public static Set<String> strings(String text) {
        Set<String> strings = new HashSet<>();
        parse(text).forEach(string -> strings.add(string.asText()));
        return strings;
    }

    private static <T> T read(JsonNode json, Class<T> type) {
        try {
            return JSON.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document in the store is no " + type.getSimpleName(), e);
        }
    }
}
