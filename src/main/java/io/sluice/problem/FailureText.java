package io.sluice.problem;

import io.sluice.call.Result;
import io.sluice.call.SluiceHeaders;

/** The texts that tell why a call has no response of the vendor. None holds anything of a request or a response. */
public final class FailureText {
    private FailureText() {}

    /** Explains to a caller why a call was shed: the limit, how many calls are ahead of it, and when it would go. */
    public static String explain(Result.Shed shed) {
        String why = switch (shed.reason()) {
            case DEADLINE -> "no permit is free within the call's maximal wait";
            case QUEUE_FULL -> "too many calls of this team are waiting";
            case SHED -> "a more urgent call of this team took its place";
            case PAUSED -> "the account is paused";
            case UNSAVED -> "the permits cannot be saved at present, and a crash would lose their count";
            case DRAINING -> "this instance is about to stop";
        };
        return shed.bottleneck()
                .map(limit -> why + "; limit " + limit.limit() + ": " + calls(limit.ahead()) + " ahead, it would go in "
                        + SluiceHeaders.retryAfterSeconds(shed.retryAfter()) + " s")
                .orElse(why);
    }

    private static String calls(long ahead) {
        return ahead == 1 ? "1 call is" : ahead + " calls are";
    }

    /** Explains to a caller why no response came. */
    public static String explain(Result.Failed failed) {
        return switch (failed.cause()) {
            case UNREACHABLE -> "the vendor cannot be reached";
            case CONNECTION_LOST -> "the connection to the vendor broke";
            case CIRCUIT_OPEN -> "the vendor fails too often, its circuit breaker is open for some seconds";
            case TIMEOUT -> "the vendor did not answer in time";
            case CALL_TIMEOUT -> "the whole call timed out";
        };
    }

    /** Names the reason for which a call was shed, for logs and the details of stored work. */
    public static String brief(Result.Shed shed) {
        return "no permit in time: " + shed.reason();
    }

    /** Names the cause of a missing response, for logs and the details of stored work. */
    public static String brief(Result.Failed failed) {
        return "no response came: " + failed.cause();
    }
}
