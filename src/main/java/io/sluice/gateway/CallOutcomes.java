package io.sluice.gateway;

import io.sluice.FailureLog;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.CredentialStates;
import io.sluice.call.QuotaErrors;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import java.util.Locale;
import org.jboss.logging.Logger;

/** The record of how calls ended, in metrics and log. Thread-safe. */
final class CallOutcomes {
    private static final Logger LOG = Logger.getLogger(CallOutcomes.class);

    private final CallMeters meters;
    private final CredentialStates credentials;
    private final FailureLog failures = new FailureLog(LOG);

    CallOutcomes(CallMeters meters, CredentialStates credentials) {
        this.meters = meters;
        this.credentials = credentials;
    }

    /** Records how a call ended. */
    void record(Call call, Result result) {
        meters.ended(
                call,
                switch (result) {
                    case Result.Answered(VendorResponse answer, boolean _) -> outcome(call, answer);
                    case Result.Shed _ -> CallMeters.Outcome.SHED;
                    case Result.Failed failed ->
                        switch (failed.cause()) {
                            case UNREACHABLE -> CallMeters.Outcome.UNREACHABLE;
                            case CONNECTION_LOST, TIMEOUT, CALL_TIMEOUT -> CallMeters.Outcome.CONNECTION_LOST;
                            case CIRCUIT_OPEN -> CallMeters.Outcome.CIRCUIT_OPEN;
                        };
                });
        switch (result) {
            case Result.Answered _ -> failures.succeeded(name(call));
            case Result.Shed shed -> meters.rejected(call, shed.reason());
            case Result.Failed failed
            when failed.unknown() -> LOG.warnf("call failed, outcome unknown: %s", told(call, failed));
            case Result.Failed failed -> failures.failed(name(call), () -> told(call, failed));
        }
    }

    /** The name of the failure in the log: calls of one operation of an account fail and recover together. */
    private static String name(Call call) {
        return call.account().budget() + " " + call.operation().name();
    }

    private static String told(Call call, Result.Failed failed) {
        return "request=" + call.id() + " team=" + call.request().teamShare().team() + " account="
                + call.account().budget() + " operation=" + call.operation().name() + " attempts="
                + call.attempts().count()
                + " cause=" + failed.cause().name().toLowerCase(Locale.ROOT) + why(call)
                + (failed.unknown() ? " outcome=unknown" : "");
    }

    /** The kind of the failure that broke the last attempt; its message may quote what must not be logged. */
    private static String why(Call call) {
        return call.attempts()
                .failure()
                .map(Throwable::getCause)
                .map(cause -> " exception=" + cause.getClass().getSimpleName())
                .orElse("");
    }

    private CallMeters.Outcome outcome(Call call, VendorResponse answer) {
        if (credentials.refuses(call, answer)) {
            return CallMeters.Outcome.CREDENTIAL_REFUSED;
        }
        QuotaErrors quotas = call.request().dialect().quotas();
        boolean quota =
                quotas.statuses().contains(answer.status()) && quotas.match(answer.status(), answer.beginning());
        return quota ? CallMeters.Outcome.QUOTA_EXCEEDED : CallMeters.Outcome.of(answer.status());
    }
}
