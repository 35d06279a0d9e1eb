package io.sluice.export.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sluice.export.files.ResultFiles;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of an export job, with the facts that the state needs. */
public sealed interface JobState {
    /** The states, as the API and the store name them. */
    enum Name {
        QUEUED(Queued.class),
        SUBMITTING(Submitting.class),
        RUNNING(Running.class),
        FETCHING(Fetching.class),
        DONE(Done.class),
        FAILED(Failed.class),
        CANCELLED(Cancelled.class);

        private final Class<? extends JobState> type;

        Name(Class<? extends JobState> type) {
            this.type = type;
        }

        Class<? extends JobState> type() {
            return type;
        }

        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The state of a stored code. One of a newer version counts as running: it has a next step, but not here. */
        public static Name of(String code) {
            return Arrays.stream(values())
                    .filter(name -> name.code().equals(code))
                    .findFirst()
                    .orElse(RUNNING);
        }

        /** True if the state is final. */
        public boolean over() {
            return this == DONE || this == FAILED || this == CANCELLED;
        }
    }

    /** Waits for a slot at the vendor. */
    record Queued() implements JobState {}

    /**
     * The request is under way, or was when a process ended: until the job is reconciled with the vendor, its outcome
     * is unknown.
     *
     * @param since when it was sent at the earliest
     * @param excludedJobIds jobs at the vendor that turned out to be others'
     */
    record Submitting(
            Instant since, @JsonProperty("notOurs") List<String> excludedJobIds) implements JobState {}

    /**
     * The vendor works on it.
     *
     * @param since when the vendor accepted it at the latest
     * @param polls how often it was polled
     * @param submittedAt when its request was sent, if the job was found at the vendor rather than answered by it
     * @param excludedJobIds jobs at the vendor that turned out to be others'
     */
    record Running(
            String vendorJobId,
            Instant since,
            int polls,
            @JsonProperty("ordered") @Nullable Instant submittedAt,
            @JsonProperty("notOurs") List<String> excludedJobIds)
            implements JobState {}

    /**
     * The vendor's job has ended, its file is not stored yet.
     *
     * @param running the state before
     * @param tries how often fetching has failed
     */
    record Fetching(Running running, Ended ended, int tries) implements JobState {}

    /** The file is stored. */
    record Done(String vendorJobId, int polls, Ended ended, StoredFile file) implements JobState {}

    /** It has failed for good. */
    record Failed(
            @Nullable String vendorJobId,
            int polls,
            @JsonProperty("trouble") JobProblem problem) implements JobState {}

    /** Every export with a part in it was cancelled. */
    record Cancelled(@Nullable String vendorJobId, int polls) implements JobState {}

    /**
     * The end of the vendor's job.
     *
     * @param fileName the vendor's name for the file
     * @param fileUntil until when the vendor keeps it
     * @param took how long the vendor worked, by its own clock
     * @param flags the vendor's remarks on the file, such as {@code rows_truncated}
     */
    record Ended(
            @Nullable String fileName,
            @Nullable Instant fileUntil,
            @Nullable Long took,
            Map<String, Boolean> flags) {}

    /**
     * A result file as it is stored.
     *
     * @param key its key in {@link ResultFiles}
     * @param sha256 in hexadecimal
     */
    record StoredFile(String key, String contentType, long bytes, String sha256) {}

    default Name name() {
        return switch (this) {
            case Queued _ -> Name.QUEUED;
            case Submitting _ -> Name.SUBMITTING;
            case Running _ -> Name.RUNNING;
            case Fetching _ -> Name.FETCHING;
            case Done _ -> Name.DONE;
            case Failed _ -> Name.FAILED;
            case Cancelled _ -> Name.CANCELLED;
        };
    }

    /** The job's id at the vendor; null while there is none, or it is unknown. */
    default @Nullable String atVendor() {
        return switch (this) {
            case Queued _, Submitting _ -> null;
            case Running running -> running.vendorJobId();
            case Fetching fetching -> fetching.running().vendorJobId();
            case Done done -> done.vendorJobId();
            case Failed failed -> failed.vendorJobId();
            case Cancelled cancelled -> cancelled.vendorJobId();
        };
    }

    /** How often the vendor's job was polled. */
    default int polled() {
        return switch (this) {
            case Queued _, Submitting _ -> 0;
            case Running running -> running.polls();
            case Fetching fetching -> fetching.running().polls();
            case Done done -> done.polls();
            case Failed failed -> failed.polls();
            case Cancelled cancelled -> cancelled.polls();
        };
    }
}
