package io.sluice.cache;

import io.sluice.call.Target;
import java.util.Optional;
import java.util.Set;

/** Which cached responses a write invalidates. Stateless. */
@FunctionalInterface
public interface InvalidationRule {
    /** Everything that the account has: right whatever the write does. */
    InvalidationRule EVERYTHING = (method, target) -> Optional.empty();

    /** The tags of what it changes, or nothing for everything that the account has. */
    Optional<Set<String>> tagsChangedBy(String method, Target target);
}
