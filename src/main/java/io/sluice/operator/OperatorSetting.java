package io.sluice.operator;

import io.sluice.AccountId;
import java.time.Instant;

/**
 * A setting that an operator has made at run time.
 *
 * @param value plain text or JSON, as the reader of that setting defines
 */
public record OperatorSetting(Key key, String value, Attribution attribution) {
    /** The thing that is set: a property of an account. */
    public record Key(AccountId account, String setting) {}

    /** Returns true if its time has passed. */
    boolean isOver(Instant now) {
        Instant until = attribution.until();
        return until != null && !until.isAfter(now);
    }
}
