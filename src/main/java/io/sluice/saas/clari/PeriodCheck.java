package io.sluice.saas.clari;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import io.sluice.export.job.Exporter.ContentCheck;
import io.sluice.export.job.JobProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A check of the periods in a result while it is downloaded: Clari exports the current quarter, without an error, when
 * it does not recognize the requested one. A result that names no period, or is not of the shape expected, is not
 * judged.
 */
abstract class PeriodCheck implements ContentCheck {
    private static final String FIELD = "timePeriodId";
    /** The number of different periods after which the check stops: more than one export can have. */
    private static final int ENOUGH = 20;

    private static final Pattern PERIOD = Pattern.compile("\\d{4}_Q\\d");

    private final String wanted;
    private final Set<String> found = new TreeSet<>();

    private PeriodCheck(String wanted) {
        this.wanted = wanted;
    }

    static ContentCheck of(String wanted, String contentType) {
        return contentType.contains("json") ? new OfJson(wanted) : new OfText(wanted);
    }

    final void found(String period) {
        if (found.size() < ENOUGH || period.equals(wanted)) {
            found.add(period);
        }
    }

    @Override
    public Optional<JobProblem> verdict() {
        return found.isEmpty() || found.contains(wanted)
                ? Optional.empty()
                : Optional.of(JobProblem.of(
                        JobProblem.Kind.PERIOD_MISMATCH, "asked for " + wanted + ", and the result is of " + found));
    }

    /** The values of every field {@code timePeriodId}. */
    private static final class OfJson extends PeriodCheck {
        private static final JsonFactory JSON = new JsonFactory();

        private final JsonParser parser;
        private final ByteArrayFeeder feeder;
        private boolean readable = true;

        OfJson(String wanted) {
            super(wanted);
            try {
                parser = JSON.createNonBlockingByteArrayParser();
                feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void pass(byte[] bytes, int length) {
            if (!readable) {
                return;
            }
            try {
                feeder.feedInput(bytes, 0, length);
                for (JsonToken token = parser.nextToken();
                        token != null && token != JsonToken.NOT_AVAILABLE;
                        token = parser.nextToken()) {
                    if (token == JsonToken.VALUE_STRING && FIELD.equals(parser.currentName())) {
                        found(parser.getText());
                    }
                }
            } catch (IOException notJson) {
                readable = false;
            }
        }
    }

    /** The words that look like a period, in a file whose first line names a column {@code timePeriodId}. */
    private static final class OfText extends PeriodCheck {
        private static final int LENGTH = "2026_Q1".length();

        private final StringBuilder header = new StringBuilder();
        private final StringBuilder word = new StringBuilder();
        private boolean inHeader = true;
        private boolean named;

        OfText(String wanted) {
            super(wanted);
        }

        @Override
        public void pass(byte[] bytes, int length) {
            for (int i = 0; i < length; i++) {
                char next = (char) (bytes[i] & 0xff);
                if (inHeader) {
                    header(next);
                } else if (named) {
                    body(next);
                }
            }
        }

        private void header(char next) {
            if (next == '\n' || header.length() > 10_000) {
                inHeader = false;
                named = header.indexOf(FIELD) >= 0;
            } else {
                header.append(next);
            }
        }

        private void body(char next) {
            if (Character.isLetterOrDigit(next) || next == '_') {
                if (word.length() <= LENGTH) {
                    word.append(next);
                }
                return;
            }
            endOfWord();
        }

        private void endOfWord() {
            if (word.length() == LENGTH && PERIOD.matcher(word).matches()) {
                found(word.toString());
            }
            word.setLength(0);
        }

        @Override
        public Optional<JobProblem> verdict() {
            // The last line need not end in a line break.
            endOfWord();
            return super.verdict();
        }
    }
}
