package io.sluice.delivery;

import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;

/** The policy of a mount for asynchronous calls: which ones can be made later, and what they then are. A bean for each such mount; thread-safe. */
public interface AsyncPolicy {
    /** The mount, such as {@code customerio/track}. */
    String mount();

    /** Whether an account's calls are made later without being asked to. */
    boolean isAsyncByDefault(String account);

    /**
     * What is too large about a call, made now or later, if anything is: the vendor might drop it without a word.
     *
     * @param length of the body in bytes, or -1 if it is not known
     * @param kept the body, empty if it passes through
     */
    Optional<String> oversize(String method, Target target, long length, byte[] kept);

    /** What a call is when it is made later. */
    AsyncDecision decide(ReceivedCall call);

    /** A call that somebody makes, with its whole body. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares bodies
    record ReceivedCall(
            String account,
            Operation operation,
            String method,
            Target target,
            MultivaluedMap<String, String> headers,
            byte[] body) {}

    /** What can be done with a call. */
    sealed interface AsyncDecision {
        /** It must be made now: there is no way to make it later, or the vendor is to say what is wrong with it. */
        record SendNow() implements AsyncDecision {}

        /** The vendor would refuse it, or drop it without a word, for its size. */
        record Reject(String what) implements AsyncDecision {}

        /**
         * It can be made later.
         *
         * @param success the JSON with which the vendor says that it did it
         */
        record Enqueue(Destination destination, List<Message> messages, String success) implements AsyncDecision {
            public Enqueue {
                messages = List.copyOf(messages);
            }
        }
    }
}
