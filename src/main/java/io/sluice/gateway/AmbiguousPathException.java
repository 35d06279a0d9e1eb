package io.sluice.gateway;

import io.sluice.gateway.Mounts.MountMatch;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request's path could mean one thing to us and another to a vendor, and is not passed on. */
public final class AmbiguousPathException extends RuntimeException {
    private final transient @Nullable MountMatch mounted;

    AmbiguousPathException(String message, @Nullable MountMatch mounted) {
        super(message, null, false, false);
        this.mounted = mounted;
    }

    /** The mount in whose form to refuse, if it is one's. */
    public Optional<MountMatch> mounted() {
        return Optional.ofNullable(mounted);
    }
}
