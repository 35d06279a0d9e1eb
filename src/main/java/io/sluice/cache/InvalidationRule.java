package io.sluice.cache;

import io.sluice.call.Target;
import java.util.Optional;
import java.util.Set;

/** A vendor's rule for which cached responses a write invalidates. Stateless. */
@FunctionalInterface
public interface InvalidationRule {
    /** Invalidates everything that the account has: safe for any write. */
    InvalidationRule EVERYTHING = (method, target) -> Optional.empty();

    /** Returns the tags of what the write changes; empty for everything that the account has. */
    Optional<Set<String>> tagsChangedBy(String method, Target target);
}
