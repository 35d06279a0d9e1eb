package io.sluice.delivery;

import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;

/** Which calls of a mount can be made later, and what they then are. A bean for each such mount; thread-safe. */
public interface Deferrals {
    /** The mount, such as {@code customerio/track}. */
    String mount();

    /** Whether an account's calls are made later without being asked to. */
    boolean byDefault(String account);

    /**
     * What is too large about a call, made now or later, if anything is: the vendor might drop it without a word.
     *
     * @param length of the body in bytes, or -1 if it is not known
     * @param kept the body, empty if it passes through
     */
    Optional<String> oversize(String method, Target target, long length, byte[] kept);

    /** What a call is when it is made later. */
    Deferral defer(Asked call);

    /** A call that somebody makes, with its whole body. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares bodies
    record Asked(
            String account,
            Operation operation,
            String method,
            Target target,
            MultivaluedMap<String, String> headers,
            byte[] body) {}

    /** What can be done with a call. */
    sealed interface Deferral {
        /** It must be made now: there is no way to make it later, or the vendor is to say what is wrong with it. */
        record Now() implements Deferral {}

        /** The vendor would refuse it, or drop it without a word, for its size. */
        record TooLarge(String what) implements Deferral {}

        /**
         * It can be made later.
         *
         * @param success the JSON with which the vendor says that it did it
         */
        record Later(Channel channel, List<Letter> letters, String success) implements Deferral {
            public Later {
                letters = List.copyOf(letters);
            }
        }
    }
}
