package io.sluice.delivery;

import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;

/**
 * The policy of a mount for asynchronous calls: decides for each call if it can be enqueued, and as which messages. A
 * bean for each such mount; thread-safe.
 */
public interface AsyncPolicy {
    /** The mount, such as {@code customerio/track}. */
    String mount();

    /** True if an account's calls are enqueued without being asked to. */
    boolean isAsyncByDefault(String account);

    /**
     * The reason why a call is too large, if it is: the vendor might drop it without an error, sent now or later.
     *
     * @param length of the body in bytes, or -1 if it is not known
     * @param kept the buffered body, empty if it is streamed
     */
    Optional<String> oversize(String method, Target target, long length, byte[] kept);

    /** Decides how to handle a call that may be asynchronous. */
    AsyncDecision decide(ReceivedCall call);

    /** A received call, with its whole body. */
    @SuppressWarnings("ArrayRecordComponent") // bodies are never compared
    record ReceivedCall(
            String account,
            Operation operation,
            String method,
            Target target,
            MultivaluedMap<String, String> headers,
            byte[] body) {}

    /** The decision on a call. */
    sealed interface AsyncDecision {
        /** It must be sent now: it cannot be sent later, or its error is the vendor's to report. */
        record SendNow() implements AsyncDecision {}

        /** The vendor would refuse it, or drop it without an error, for its size. */
        record Reject(String what) implements AsyncDecision {}

        /**
         * It can be enqueued.
         *
         * @param success the JSON with which the vendor confirms such a call
         */
        record Enqueue(Destination destination, List<Message> messages, String success) implements AsyncDecision {
            public Enqueue {
                messages = List.copyOf(messages);
            }
        }
    }
}
