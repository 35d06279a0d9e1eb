package io.sluice.gateway;

import io.sluice.gateway.Mounts.Mounted;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request's path could mean one thing to us and another to a vendor, and is not passed on. */
public final class UnclearPathException extends RuntimeException {
    private final transient @Nullable Mounted mounted;

    UnclearPathException(String message, @Nullable Mounted mounted) {
        super(message, null, false, false);
        this.mounted = mounted;
    }

    /** The mount in whose form to refuse, if it is one's. */
    public Optional<Mounted> mounted() {
        return Optional.ofNullable(mounted);
    }
}
