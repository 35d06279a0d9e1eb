package io.sluice.webhook;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The webhooks of a vendor: verifies and processes the messages that the vendor sends. A bean for each such vendor. */
public interface Webhooks {
    /** The vendor's name. */
    String vendor();

    /** The accounts that may receive messages: those with a secret. */
    Set<String> accounts();

    /**
     * Verifies a message and processes it unless it is refused. May wait for the store.
     *
     * @param account one of {@link #accounts}
     * @param header finds the request's headers
     * @param body the bytes as received, which are signed
     */
    Reception receive(String account, Function<String, @Nullable String> header, byte[] body);

    /**
     * The result of receiving a message.
     *
     * @param event for teams to read, durable before the vendor is answered; empty if the message is refused, and where
     *     messages are for Sluice alone
     */
    record Reception(Verdict verdict, Optional<StoredEvent> event) {
        /** A reception without an event. */
        public Reception(Verdict verdict) {
            this(verdict, Optional.empty());
        }
    }

    /**
     * An event for teams to read.
     *
     * @param id the same for the same event, however often it is received
     * @param json on one line
     */
    record StoredEvent(String id, String json, Duration retention) {}

    /** The verdict on a message. Only messages with one of the first three are genuine. */
    enum Verdict {
        /** It was processed. */
        DONE,
        /** It contains nothing that matters to Sluice. */
        IGNORED,
        /** It is genuine, but not in the documented form. The resources that it may concern were invalidated. */
        UNREADABLE,
        /** No signature on it is valid. */
        INVALID_SIGNATURE,
        /** It is signed for a time too far from now. */
        TIMESTAMP_OUT_OF_TOLERANCE,
        /** It was received before. */
        DUPLICATE;

        /** True if the message was not processed. */
        public boolean refused() {
            return this == INVALID_SIGNATURE || this == TIMESTAMP_OUT_OF_TOLERANCE || this == DUPLICATE;
        }
    }
}
