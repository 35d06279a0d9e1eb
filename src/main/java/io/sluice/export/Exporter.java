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
 * How one vendor makes exports: what an order means there, and the calls that start, watch, fetch and cancel a job. A bean
 * for each such vendor. The calls wait for permits, up to the patience configured, and for the vendor.
 */
public interface Exporter {
    /** The vendor's name. */
    String vendor();

    /** The accounts that can export. */
    Set<String> accounts();

    /** The operation that starts a job: whoever may call it may order exports. */
    String operation();

    /** How many jobs an account may have at the vendor until it says so itself. */
    int slots();

    /**
     * Checks an order and splits it.
     *
     * @param order what stands beside vendor and account
     * @throws InvalidOrderException if the vendor could not mean the same by it
     */
    List<PartOrder> plan(ObjectNode order);

    /**
     * One part of an export.
     *
     * @param part its name in the export
     * @param kind what jobs of about the same duration have in common
     * @param order in a normal form: equal orders are equal JSON
     * @param allowance what it may take beyond the deadline, since the vendor was told that it may wait
     */
    record PartOrder(String part, String kind, JsonNode order, Duration allowance) {}

    /**
     * Describes what a part was ordered with, in the words of the API, with the defaults filled in.
     *
     * @param order a part's order in its normal form, as {@link #plan} made it
     */
    Terms terms(JsonNode order);

    /**
     * What an export was ordered with, beside vendor, account and periods.
     *
     * @param options the vendor's own
     */
    record Terms(@Nullable String forecast, @Nullable String type, ObjectNode options) {}

    /**
     * Starts a job.
     *
     * @param ours whether the job is still for the caller to start; asked right before the order is sent, which may be long
     *     after this call if permits are short
     */
    Submission submit(JobSpec job, BooleanSupplier ours) throws InterruptedException;

    /** What came of an order. */
    sealed interface Submission {
        /** There is a job. */
        record Accepted(String vendorJobId) implements Submission {}

        /** All slots are taken, by jobs of ours or others. */
        record SlotsTaken(String detail) implements Submission {}

        /** There will be no job for this order. */
        record Refused(Trouble trouble) implements Submission {}

        /** Nothing was done; trying again later may help. */
        record NotNow(Duration retryAfter, String detail) implements Submission {}

        /** There may be a job, or not. */
        record Unknown(String detail) implements Submission {}
    }

    /**
     * The jobs at the vendor that an order may have led to, oldest first.
     *
     * @param ordered when the order was sent at the earliest, by our own clock
     */
    List<String> candidates(JobSpec job, Instant ordered) throws InterruptedException, NotNowException;

    /** How a job stands. */
    Report look(JobSpec job, String vendorJobId) throws InterruptedException, NotNowException;

    /** How a vendor's job stands. */
    sealed interface Report {
        /** Not over. */
        record Running() implements Report {}

        /** Over, with a file to fetch. */
        record Ended(JobState.Ended how) implements Report {}

        /** Over, without one. */
        record Failed(Trouble trouble) implements Report {}
    }

    /** Opens a job's file. */
    Content fetch(JobSpec job, String vendorJobId) throws InterruptedException, NotNowException, NoFileException;

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
        Optional<Trouble> verdict();
    }

    /** Asks the vendor to stop a job; one that is over already, or cannot be stopped, is left alone. */
    void cancel(JobSpec job, String vendorJobId) throws InterruptedException, NotNowException;

    /** Asks for an account's slots, on behalf of a team; empty if the vendor does not tell. */
    Optional<Capacity> capacity(String account, String team) throws InterruptedException, NotNowException;

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
    void occupied(String account, OptionalInt slots, int taken, int others, boolean learned);

    /** Hears that the job that was started last is, if there is one, among those that {@link #occupied} has told of. */
    void settled(String account);

    /**
     * The team to charge for asking for the limits of an account without a job in the store: where other jobs take its
     * slots, or its quota is used up.
     */
    Optional<String> watched(String account);

    /** An order that the vendor would not understand, or would silently take for another. */
    final class InvalidOrderException extends RuntimeException {
        public InvalidOrderException(String message) {
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
    final class NotNowException extends Exception {
        private final Duration retryAfter;

        public NotNowException(Duration retryAfter, String message) {
            super(message, null, false, false);
            this.retryAfter = retryAfter;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
