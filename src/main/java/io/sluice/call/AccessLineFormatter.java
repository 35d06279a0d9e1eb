package io.sluice.call;

import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;

/**
 * A log formatter that writes access lines as JSON objects with fields of their own, numbers as numbers. All other
 * records go to the formatter that it wraps, which would put a line's fields into a text, or into a map of texts.
 */
final class AccessLineFormatter extends ExtFormatter {
    private final ExtFormatter others;

    AccessLineFormatter(ExtFormatter others) {
        this.others = others;
    }

    @Override
    public String format(ExtLogRecord record) {
        Object[] parameters = record.getParameters();
        return parameters != null && parameters.length == 1 && parameters[0] instanceof AccessLine line
                ? line.json(record.getInstant(), record.getLevel().getName(), record.getLoggerName()) + "\n"
                : others.format(record);
    }

    @Override
    public boolean isCallerCalculationRequired() {
        return others.isCallerCalculationRequired();
    }
}
