package io.sluice.cache;

import io.sluice.call.CallRequest;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A vendor's rule for the tags of a response: the resources that it describes. A change of one of them invalidates the
 * response. Stateless.
 */
public interface TaggingRule {
    /** Returns all tags that a response to this call may have, as far as the call itself shows. */
    Set<String> of(CallRequest call);

    /**
     * Returns the tags and version of a response; empty if the body cannot be read, and therefore cannot be cached.
     *
     * @param body the whole body
     */
    Optional<TaggedContent> of(CallRequest call, int status, byte[] body);

    /**
     * The tags of a response, and its version.
     *
     * @param version a number that grows with every change of the resource, if it has one
     */
    record TaggedContent(Set<String> tags, OptionalLong version) {
        public TaggedContent {
            tags = Set.copyOf(tags);
        }
    }
}
