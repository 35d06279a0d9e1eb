package io.sluice;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Formatter;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that keeps what is logged in one category during a test; registered by a field with
 * {@code @RegisterExtension}. Thread-safe.
 */
public final class CapturedLog implements BeforeEachCallback, AfterEachCallback {
    private static final Formatter MESSAGE = new PatternFormatter("%s");

    private final Logger logger;
    private final Queue<ExtLogRecord> records = new ConcurrentLinkedQueue<>();
    private final ExtHandler handler = new ExtHandler() {
        @Override
        protected void doPublish(ExtLogRecord record) {
            records.add(record);
        }
    };

    private CapturedLog(String category) {
        logger = Logger.getLogger(category);
    }

    /** Keeps what is logged in a category. */
    public static CapturedLog of(String category) {
        return new CapturedLog(category);
    }

    /** Keeps what is logged by a type, in the category of its name. */
    public static CapturedLog of(Class<?> type) {
        return of(type.getName());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        records.clear();
        logger.addHandler(handler);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger.removeHandler(handler);
    }

    /** The records up to now, the earliest first. */
    public List<ExtLogRecord> records() {
        return List.copyOf(records);
    }

    /** Their messages, with their parameters filled in. */
    public List<String> lines() {
        return records.stream().map(CapturedLog::message).toList();
    }

    /** The message of a record, with its parameters filled in. */
    public static String message(ExtLogRecord record) {
        return MESSAGE.format(record);
    }

    /** Forgets the records up to now. */
    public void clear() {
        records.clear();
    }
}
