package io.sluice.export.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.AccountId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An export that a team has requested, with the state of each part.
 *
 * @param parameters the first part's, as the vendor's exporter made it; the others differ in their periods only
 */
public record Export(
        String id,
        AccountId account,
        String team,
        State state,
        Instant createdAt,
        JsonNode parameters,
        List<Part> parts) {
    public Export {
        parts = List.copyOf(parts);
    }

    /** The state of an export, which follows from the states of its parts. */
    public enum State {
        /** No part has been submitted yet. */
        QUEUED,
        /** At least one part is under way. */
        RUNNING,
        /** Every part is done. */
        DONE,
        /** Some parts are done, the others have failed for good. */
        PARTLY_FAILED,
        /** Every part has failed for good. */
        FAILED,
        /** It was cancelled; parts that were done before are kept. */
        CANCELLED;

        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** True if the state is final. */
        public boolean over() {
            return this != QUEUED && this != RUNNING;
        }

        /** The state of a stored code. One of a newer version counts as running, as that of a part does. */
        public static State of(String code) {
            return Arrays.stream(values())
                    .filter(state -> state.code().equals(code))
                    .findFirst()
                    .orElse(RUNNING);
        }

        /** The state of an export whose parts are in these states. */
        public static State of(Map<JobState.Name, Integer> parts) {
            if (parts.keySet().equals(Set.of(JobState.Name.QUEUED))) {
                return QUEUED;
            }
            if (!parts.keySet().stream().allMatch(JobState.Name::over)) {
                return RUNNING;
            }
            if (parts.containsKey(JobState.Name.CANCELLED)) {
                return CANCELLED;
            }
            if (parts.containsKey(JobState.Name.FAILED)) {
                return parts.containsKey(JobState.Name.DONE) ? PARTLY_FAILED : FAILED;
            }
            return DONE;
        }
    }

    /**
     * One part of an export.
     *
     * @param job the job that makes it, perhaps shared with other exports
     * @param state its state; cancelled also where the job goes on for others
     * @param attempts how often its request was sent to the vendor
     * @param bytes the size of its file when it is done, before that the bytes received so far
     * @param fileName the vendor's name for the file
     * @param flags the vendor's remarks on the file, such as {@code rows_truncated}
     * @param dueAt when its next step is due
     * @param fileUntil until when the file is kept; null when there is no file, or no longer
     * @param problem why it failed, or the problem of its latest step
     */
    public record Part(
            String part,
            String job,
            JobState.Name state,
            @Nullable String vendorJobId,
            int attempts,
            int polls,
            long bytes,
            JobState.@Nullable StoredFile file,
            @Nullable String fileName,
            Map<String, Boolean> flags,
            @Nullable Instant dueAt,
            @Nullable Instant fileUntil,
            @Nullable JobProblem problem) {}
}
