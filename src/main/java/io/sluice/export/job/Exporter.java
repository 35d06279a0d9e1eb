package io.sluice.export.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.reconcile.Candidates;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The exports of one vendor: checks and splits requests, and makes the calls that submit, find, poll, fetch and cancel
 * a job. A bean for each such vendor. The calls wait for permits, up to the time configured, and for the vendor.
 */
public interface Exporter {
    /** The vendor's name. */
    String vendor();

    /** The accounts that can export. */
    Set<String> accounts();

    /** The operation that starts a job: teams that may call it may request exports. */
    String operation();

    /** How many jobs an account may have at the vendor until the vendor reports it. */
    int slots();

    /**
     * Checks a request and splits it into parts.
     *
     * @param parameters the request's fields beside vendor and account
     * @throws InvalidRequestException if the vendor cannot make the same of it
     */
    List<PartRequest> split(ObjectNode parameters);

    /**
     * One part of an export.
     *
     * @param part its name in the export
     * @param kind a name that is shared by jobs of about the same duration
     * @param parameters in a normal form: equal requests are equal JSON
     * @param allowance the time that it may take beyond the deadline, since the vendor was allowed to wait
     */
    record PartRequest(String part, String kind, JsonNode parameters, Duration allowance) {}

    /**
     * Describes a part's request in the words of the API, with the defaults filled in.
     *
     * @param parameters a part's request in its normal form, as {@link #split} made it
     */
    Terms terms(JsonNode parameters);

    /**
     * The terms of an export: its request, beside vendor, account and periods.
     *
     * @param options the vendor's own
     */
    record Terms(@Nullable String forecast, @Nullable String type, ObjectNode options) {}

    /**
     * Submits a job.
     *
     * @param leaseValid true while the job is still the caller's to submit; asked right before the request is sent,
     *     which may be long after this call if permits are short
     */
    Submission submit(JobSpec job, BooleanSupplier leaseValid) throws InterruptedException;

    /** The outcome of submitting a job. */
    sealed interface Submission {
        /** The vendor has a job for the request. */
        record Accepted(String vendorJobId) implements Submission {}

        /** All slots are taken, by jobs of ours or others. */
        record SlotsTaken(String detail) implements Submission {}

        /** The vendor refuses the request: there will be no job for it. */
        record Refused(JobProblem problem) implements Submission {}

        /** Nothing was done; trying again later may help. */
        record RetryLater(Duration retryAfter, String detail) implements Submission {}

        /** The outcome is unknown: there may be a job, or not. */
        record Unknown(String detail) implements Submission {}
    }

    /**
     * Finds the ids of the jobs at the vendor that a request may have led to, oldest first, to reconcile a submission
     * without an answer.
     *
     * @param submittedAt when the request was sent at the earliest, by our own clock
     */
    Candidates<String> findSubmitted(JobSpec job, Instant submittedAt) throws InterruptedException, RetryLaterException;

    /** Polls the state of a job. */
    Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException;

    /** The state of a vendor's job, as polled. */
    sealed interface Report {
        /** It has not ended. */
        record Running() implements Report {}

        /** It has ended, with a file to fetch. */
        record Ended(JobState.Ended how) implements Report {}

        /** It has ended without a file. */
        record Failed(JobProblem problem) implements Report {}
    }

    /**
     * Opens a job's file.
     *
     * @throws NoFileException if the vendor has no such file
     */
    Content fetch(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException, NoFileException;

    /**
     * The content of a file that is being downloaded.
     *
     * @param length in bytes, if the vendor states it
     */
    record Content(String contentType, OptionalLong length, InputStream body) implements Closeable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /** A check of a file's content, run while the file is downloaded. */
    ContentCheck check(JobSpec job, String contentType);

    /** A check of one file, fed with its bytes in order. */
    interface ContentCheck {
        /** Checks the next bytes. */
        void pass(byte[] bytes, int length);

        /** The problem of the file, once all of it has passed; empty if there is none. */
        Optional<JobProblem> verdict();
    }

    /** Asks the vendor to stop a job; one that has ended already, or cannot be stopped, is left alone. */
    void cancel(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException;

    /** The vendor's slots; empty if it does not report them, and calls of others take none of them. */
    default Optional<SlotAware> slotAware() {
        return Optional.empty();
    }

    /** A request that the vendor would not understand, or would silently take for another. */
    final class InvalidRequestException extends RuntimeException {
        public InvalidRequestException(String message) {
            super(message, null, false, false);
        }
    }

    /** The vendor has no file of a job that it reported as done. */
    final class NoFileException extends Exception {
        public NoFileException(String message) {
            super(message, null, false, false);
        }
    }

    /** The call had no effect and no answer; trying again later may help. */
    final class RetryLaterException extends Exception {
        private final Duration retryAfter;

        public RetryLaterException(Duration retryAfter, String message) {
            super(message, null, false, false);
            this.retryAfter = retryAfter;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
