package io.sluice.export.job;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The problem of a job, described for the team that waits for it. Never holds a secret, nor a vendor's whole answer.
 *
 * @param until when the problem ends by itself, if that is known
 */
public record JobProblem(Kind kind, String detail, @Nullable Instant until) {
    /** The kind of problem; the names are part of the API. */
    public enum Kind {
        /** The vendor's quota of exports is used up. */
        QUOTA_EXHAUSTED("The quota of exports is used up"),
        /** The vendor refused the request. */
        EXPORT_REFUSED("The vendor refused the export"),
        /** The vendor's job failed, was stopped there, or is unknown there. Stands for the kinds of a newer version. */
        @JsonEnumDefaultValue
        EXPORT_FAILED("The vendor's job failed"),
        /** The result is not the one that was asked for. */
        PERIOD_MISMATCH("The result is of another period"),
        /** It took longer than it may. */
        DEADLINE_PASSED("The export took too long"),
        /** The vendor cannot be reached, fails, or refuses the credentials; it is tried again. */
        VENDOR_UNAVAILABLE("The vendor is not available"),
        /** The result came only in part; it is fetched again. */
        RESULT_INCOMPLETE("The result broke off"),
        /** The result cannot be written; it is fetched again. */
        STORAGE_FAILED("The result cannot be stored");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /** The kind in words. */
        public String title() {
            return title;
        }

        /** The kind for programs. */
        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public static JobProblem of(Kind kind, String detail) {
        return new JobProblem(kind, detail, null);
    }
}
