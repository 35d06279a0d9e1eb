package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An export that a team has requested, with what has become of each part.
 *
 * @param parameters the first part's, as the vendor's exporter made it; the others differ in their periods only
 */
public record Export(
        String id,
        String vendor,
        String account,
        String team,
        State state,
        Instant createdAt,
        JsonNode parameters,
        List<Part> parts) {
    public Export {
        parts = List.copyOf(parts);
    }

    /** What an export has come to. */
    public enum State {
        /** Nothing has begun. */
        QUEUED,
        /** Something is under way. */
        RUNNING,
        /** Every part is there. */
        DONE,
        /** Some parts are there, the others never will be. */
        PARTLY_FAILED,
        /** No part is there, nor ever will be. */
        FAILED,
        /** It was cancelled; parts that were done before are there. */
        CANCELLED;

        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whether nothing comes after it. */
        public boolean over() {
            return this != QUEUED && this != RUNNING;
        }

        /** What the states of its parts make of an export. */
        static State of(Map<JobState.Name, Integer> parts) {
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
     * One part.
     *
     * @param job the job that makes it, perhaps shared with other exports
     * @param state its state; cancelled also where the job goes on for others
     * @param attempts how often its request was sent to the vendor
     * @param bytes of its file: all when it is done, before that those that have come
     * @param fileName what the vendor calls the file
     * @param flags what the vendor says of the file
     * @param dueAt when it is looked at next
     * @param fileUntil until when the file is kept; none when there is none, or none any more
     * @param problem why it failed, or why it is not further
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
