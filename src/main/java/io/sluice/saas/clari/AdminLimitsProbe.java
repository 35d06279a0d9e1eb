package io.sluice.saas.clari;

import io.sluice.budget.Budget.Inquiry;
import io.sluice.saas.ProbeReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * The limits in the response to the credential check, which asks {@code /admin/limits}: so that what is left of the
 * quota is known from the start on, and not only once a job runs.
 */
@ApplicationScoped
public class AdminLimitsProbe implements ProbeReader {
    private final ReportedLimits reported;

    AdminLimitsProbe(ReportedLimits reported) {
        this.reported = reported;
    }

    @Override
    public String vendor() {
        return "clari";
    }

    @Override
    public Reading begin(String account) {
        Inquiry inquiry = reported.inquire(account);
        return body -> {
            Optional<AdminLimits.LimitsReport> report = AdminLimits.report(body);
            report.ifPresent(limits -> {
                reported.report(account, inquiry, limits);
                reported.reportSlots(account, limits.slots());
            });
            return report.isPresent() ? Optional.empty() : Optional.of("the response contains no limits");
        };
    }
}
