package io.sluice.call;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.logging.Handler;
import java.util.stream.Stream;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.jboss.logmanager.formatters.JsonFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The access log: one line for each call that has ended, of a log category of its own. Where the log is JSON, a line is
 * an object with the call's fields; where it is text, {@code key=value}. Thread-safe.
 */
@Singleton
public class AccessLog {
    /** The log category. */
    public static final String CATEGORY = "io.sluice.access";

    private final Logger logger;
    private final boolean enabled;

    AccessLog(AccessLogConfig config) {
        logger = Logger.getLogger(CATEGORY);
        enabled = config.enabled();
    }

    /** Wraps the formatter of every handler that writes JSON, before the first line comes. */
    void start(@Observes @Priority(1) StartupEvent starting) {
        handlers().forEach(AccessLog::refit);
    }

    private static List<Handler> handlers() {
        return Stream.of("", CATEGORY)
                .map(java.util.logging.Logger::getLogger)
                .flatMap(logger -> Stream.of(logger.getHandlers()))
                .toList();
    }

    private static void refit(Handler handler) {
        if (handler.getFormatter() instanceof JsonFormatter json) {
            handler.setFormatter(new AccessLineFormatter(ExtFormatter.wrap(json, false)));
        }
        if (handler instanceof ExtHandler several) {
            Stream.of(several.getHandlers()).forEach(AccessLog::refit);
        }
    }

    /** Returns true if lines are written; if not, they need not be gathered. */
    public boolean isOn() {
        return enabled && logger.isLoggable(Level.INFO);
    }

    /** Writes a line. Waits for the log's handlers at most. */
    public void write(AccessLine line) {
        if (isOn()) {
            // As a parameter, so that each handler can write it in a form of its own.
            ExtLogRecord record =
                    new ExtLogRecord(Level.INFO, "%s", ExtLogRecord.FormatStyle.PRINTF, AccessLog.class.getName());
            record.setParameters(new Object[] {line});
            record.setLoggerName(CATEGORY);
            logger.logRaw(record);
        }
    }

    /** Writes the line of a call that Sluice has made by itself, when its response is about to be read. */
    public void own(Call call, Result result) {
        if (isOn()) {
            write(line(
                    call,
                    result instanceof Result.Answered answered
                            ? (Integer) answered.answer().status()
                            : null));
        }
    }

    /** Writes the line of a call that Sluice has made by itself, and abandoned. */
    public void ownAbandoned(Call call) {
        if (isOn()) {
            write(line(call, null));
        }
    }

    private static AccessLine line(Call call, @Nullable Integer status) {
        return new AccessLine(
                call.id(),
                call.request().teamShare().team(),
                call.account().vendor(),
                call.account().name(),
                call.operation().name(),
                call.request().method(),
                call.request().route(),
                status,
                call.outcome().orElse(CallMeters.Outcome.CANCELLED).tag(),
                call.attempts().count(),
                AccessLine.milliseconds(call.times().queued().toNanos()),
                AccessLine.milliseconds(call.times().vendor().toNanos()),
                null,
                null);
    }
}
