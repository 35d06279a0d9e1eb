package io.sluice.cache;

import io.sluice.call.Call;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Which things an answer is about. Whoever changes one of them invalidates the answer. Stateless. */
public interface TaggingRule {
    /** Everything that an answer to this call may be about, as far as the call tells. */
    Set<String> of(Call call);

    /**
     * What an answer is about.
     *
     * @param body whole
     * @return nothing if the body cannot be read, and therefore cannot be kept
     */
    Optional<TaggedContent> of(Call call, int status, byte[] body);

    /**
     * What an answer is about, and how new it is.
     *
     * @param version grows with every change of the thing, if it has such a number
     */
    record TaggedContent(Set<String> tags, OptionalLong version) {
        public TaggedContent {
            tags = Set.copyOf(tags);
        }
    }
}
