package io.sluice.gateway;

import io.sluice.budget.CheckpointListener;
import io.sluice.budget.RestoreReport;
import io.sluice.budget.RestoreReport.Clock;
import java.util.Locale;
import org.jboss.logging.Logger;

/** The log of budgets over restarts: one line an account, with {@code key=value}. */
final class BudgetLog implements CheckpointListener {
    private static final Logger LOG = Logger.getLogger(BudgetLog.class);

    @Override
    public void restored(RestoreReport restored) {
        LOG.log(restored.cause() == RestoreReport.Cause.LOST ? Logger.Level.WARN : Logger.Level.INFO, line(restored));
    }

    static String line(RestoreReport restored) {
        StringBuilder line = new StringBuilder("budget restored: account=")
                .append(restored.account())
                .append(" cause=")
                .append(lower(restored.cause()));
        if (restored.clock() != Clock.NONE) {
            line.append(" age_ms=")
                    .append(restored.age().toMillis())
                    .append(" clock=")
                    .append(lower(restored.clock()));
        }
        for (RestoreReport.LimitUse limit : restored.limits()) {
            line.append(' ')
                    .append("%1$s.used=%2$d/%3$d %1$s.ended=%4$d %1$s.open=%5$d %1$s.reserved=%6$d"
                            .formatted(
                                    limit.limit(),
                                    limit.used(),
                                    limit.permits(),
                                    limit.ended(),
                                    limit.open(),
                                    limit.reserved()));
        }
        return line.append(" reason=\"").append(restored.why()).append('"').toString();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public void unavailable(String account, String why) {
        LOG.warnf(
                "budget checkpoint failed: account=%s reason=\"%s\"; limits up to a minute continue, and a crash would"
                        + " lose their counts; longer limits stop when their reserve is spent",
                account, why);
    }

    @Override
    public void recovered(String account) {
        LOG.infof("budget checkpoint works again: account=%s", account);
    }
}
