package io.sluice.startup;

import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.jboss.logging.Logger;

/** Sluice's main method. It differs from the platform's only in the error text of a failed start. */
@QuarkusMain
public final class Main {
    private static final Logger LOG = Logger.getLogger("io.sluice");
    /**
     * The platform's switch for its own check of targets, read when its HTTP server is loaded. That check answers 400
     * without a body or a request id, before any handler of ours; {@code MountRouter} makes it instead. The tests and
     * development mode set it in pom.xml, native images in application.properties.
     */
    private static final String NO_CHECK_OF_TARGETS = "vertx.disableURIValidation";

    Main() {}

    /** Starts Sluice and waits until the process is asked to stop. */
    public static void main(String... args) {
        System.setProperty(NO_CHECK_OF_TARGETS, "true");
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            Quarkus.run(null, Main::end, args);
        } else {
            // Development mode shows the failure on its own page, and waits until it is corrected.
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
