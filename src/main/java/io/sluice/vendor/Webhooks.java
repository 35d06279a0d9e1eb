package io.sluice.vendor;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a vendor tells of its own accord. A bean for each vendor that does. */
public interface Webhooks {
    /** The vendor's name. */
    String vendor();

    /** The accounts that may be told about: those with a secret. */
    Set<String> accounts();

    /**
     * Checks a message, and does what follows from it unless it is refused. Does not wait.
     *
     * @param account one of {@link #accounts}
     * @param header finds the request's headers
     * @param body the bytes as they came, which are signed
     */
    Verdict receive(String account, Function<String, @Nullable String> header, byte[] body);

    /**
     * What teams are to read of a genuine message: nothing, where messages are for Sluice alone. It is on the disk before the
     * vendor is answered.
     */
    default Optional<StoredEvent> eventToStore(byte[] body) {
        return Optional.empty();
    }

    /**
     * An event for teams to read.
     *
     * @param id the same for the same event, however often it comes
     * @param json on one line
     */
    record StoredEvent(String id, String json, Duration retention) {}

    /** What became of a message. Only the first three are the vendor's. */
    enum Verdict {
        /** It was heeded. */
        DONE,
        /** It tells nothing that matters here. */
        IGNORED,
        /** It is the vendor's, but not of the form that is documented. What it may concern was invalidated. */
        UNREADABLE,
        /** No signature on it is right. */
        INVALID_SIGNATURE,
        /** It is signed, for another time than now. */
        TIMESTAMP_OUT_OF_TOLERANCE,
        /** It came before. */
        DUPLICATE;

        /** Whether nothing was done. */
        public boolean refused() {
            return this == INVALID_SIGNATURE || this == TIMESTAMP_OUT_OF_TOLERANCE || this == DUPLICATE;
        }
    }
}
