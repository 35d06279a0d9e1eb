package io.sluice.cache;

import io.sluice.call.Target;
import java.util.Optional;
import java.util.Set;

/** What a write spoils of what is kept. Stateless. */
@FunctionalInterface
public interface Spoiling {
    /** Everything that the account has: right whatever the write does. */
    Spoiling EVERYTHING = (method, target) -> Optional.empty();

    /** The tags of what it changes, or nothing for everything that the account has. */
    Optional<Set<String>> by(String method, Target target);
}
