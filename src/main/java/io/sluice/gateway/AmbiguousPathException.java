package io.sluice.gateway;

import io.sluice.gateway.Mounts.MountMatch;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The refusal of a request's path that could mean one thing to Sluice and another to a vendor. */
public final class AmbiguousPathException extends RuntimeException {
    private final transient @Nullable MountMatch mounted;

    AmbiguousPathException(String message, @Nullable MountMatch mounted) {
        super(message, null, false, false);
        this.mounted = mounted;
    }

    /** Returns the mount in whose form to refuse; empty if the path leads to no mount. */
    public Optional<MountMatch> mounted() {
        return Optional.ofNullable(mounted);
    }
}
