package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How one vendor makes exports: what a request means there, and the calls that start, watch, fetch and cancel a job. A bean
 * for each such vendor. The calls wait for permits, up to the time configured, and for the vendor.
 */
public interface Exporter {
    /** The vendor's name. */
    String vendor();

    /** The accounts that can export. */
    Set<String> accounts();

    /** The operation that starts a job: whoever may call it may request exports. */
    String operation();

    /** How many jobs an account may have at the vendor until it says so itself. */
    int slots();

    /**
     * Checks a request and splits it.
     *
     * @param parameters what stands beside vendor and account
     * @throws InvalidRequestException if the vendor could not mean the same by it
     */
    List<PartRequest> split(ObjectNode parameters);

    /**
     * One part of an export.
     *
     * @param part its name in the export
     * @param kind what jobs of about the same duration have in common
     * @param parameters in a normal form: equal requests are equal JSON
     * @param allowance what it may take beyond the deadline, since the vendor was told that it may wait
     */
    record PartRequest(String part, String kind, JsonNode parameters, Duration allowance) {}

    /**
     * Describes what a part was requested with, in the words of the API, with the defaults filled in.
     *
     * @param parameters a part's request in its normal form, as {@link #split} made it
     */
    Terms terms(JsonNode parameters);

    /**
     * What an export was requested with, beside vendor, account and periods.
     *
     * @param options the vendor's own
     */
    record Terms(@Nullable String forecast, @Nullable String type, ObjectNode options) {}

    /**
     * Starts a job.
     *
     * @param leaseValid whether the job is still for the caller to start; asked right before the request is sent, which may be long
     *     after this call if permits are short
     */
    Submission submit(JobSpec job, BooleanSupplier leaseValid) throws InterruptedException;

    /** What came of a request. */
    sealed interface Submission {
        /** There is a job. */
        record Accepted(String vendorJobId) implements Submission {}

        /** All slots are taken, by jobs of ours or others. */
        record SlotsTaken(String detail) implements Submission {}

        /** There will be no job for this request. */
        record Refused(JobProblem problem) implements Submission {}

        /** Nothing was done; trying again later may help. */
        record RetryLater(Duration retryAfter, String detail) implements Submission {}

        /** There may be a job, or not. */
        record Unknown(String detail) implements Submission {}
    }

    /**
     * The jobs at the vendor that a request may have led to, oldest first.
     *
     * @param submittedAt when the request was sent at the earliest, by our own clock
     */
    List<String> findSubmitted(JobSpec job, Instant submittedAt) throws InterruptedException, RetryLaterException;

    /** How a job stands. */
    Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException;

    /** How a vendor's job stands. */
    sealed interface Report {
        /** Not over. */
        record Running() implements Report {}

        /** Over, with a file to fetch. */
        record Ended(JobState.Ended how) implements Report {}

        /** Over, without one. */
        record Failed(JobProblem problem) implements Report {}
    }

    /** Opens a job's file. */
    Content fetch(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException, NoFileException;

    /**
     * A file on its way.
     *
     * @param length in bytes, if the vendor said it
     */
    record Content(String contentType, OptionalLong length, InputStream body) implements Closeable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /** A check of a file's content, done while it passes. */
    ContentCheck check(JobSpec job, String contentType);

    /** Looks at a file as it passes. */
    interface ContentCheck {
        /** Looks at the next bytes. */
        void pass(byte[] bytes, int length);

        /** What is wrong with the file, once it has passed. */
        Optional<JobProblem> verdict();
    }

    /** Asks the vendor to stop a job; one that is over already, or cannot be stopped, is left alone. */
    void cancel(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException;

    /** Asks for an account's slots, on behalf of a team; empty if the vendor does not tell. */
    Optional<Capacity> capacity(String account, String team) throws InterruptedException, RetryLaterException;

    /**
     * An account's slots.
     *
     * @param slots how many jobs it may have
     * @param taken how many it has, whoever started them
     * @param jobs their ids, as far as the vendor names them
     */
    record Capacity(int slots, int taken, Set<String> jobs) {
        public Capacity {
            jobs = Set.copyOf(jobs);
        }
    }

    /**
     * Hears how many slots of an account jobs take that are under way, so that calls on the mount can be held back. A job
     * that this process is just about to start is not among them.
     *
     * @param slots how many there are, if the vendor has ever said so, to whichever process
     * @param others how many of those taken are by jobs that the store does not know to be ours
     * @param learned whether those are among them that {@link #capacity} has told of last
     */
    void slotsChanged(String account, OptionalInt slots, int taken, int others, boolean learned);

    /** Hears that the job that was started last is, if there is one, among those that {@link #slotsChanged} has told of. */
    void submissionCounted(String account);

    /**
     * The team to charge for asking for the limits of an account without a job in the store: where other jobs take its
     * slots, or its quota is used up.
     */
    Optional<String> teamToCharge(String account);

    /** A request that the vendor would not understand, or would silently take for another. */
    final class InvalidRequestException extends RuntimeException {
        public InvalidRequestException(String message) {
            super(message, null, false, false);
        }
    }

    /** The vendor has no file of a job that it called done. */
    final class NoFileException extends Exception {
        public NoFileException(String message) {
            super(message, null, false, false);
        }
    }

    /** Nothing was learned or done; asking again later may help. */
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
