package io.sluice.startup;

import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.jboss.logging.Logger;

/** Sluice's main method. It only differs from the platform's in what it tells when the start fails. */
@QuarkusMain
public final class Main {
    private static final Logger LOG = Logger.getLogger("io.sluice");

    Main() {}

    /** Runs until it is told to end. */
    public static void main(String... args) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            Quarkus.run(null, Main::end, args);
        } else {
            // Development mode shows what is wrong on its own page, and waits for it to be mended.
            Quarkus.run(args);
        }
    }

    private static void end(int code, Throwable failure) {
        if (failure != null) {
            StartFailure.told(failure, KnownKeys.all())
                    .ifPresentOrElse(System.err::println, () -> LOG.error("Sluice cannot start", failure));
        }
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(code, failure);
    }
}
