package io.sluice.export;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One job at a vendor, as it was claimed or will be stored.
 *
 * @param attempts how often its request was sent
 * @param dueAt when to look at it next; none when it is over
 * @param giveUpAt when it has taken too long, in the state it is in
 * @param cancelling whether nobody wants it any more
 * @param problem the latest, until a step goes well
 */
record Job(
        String id,
        JobSpec spec,
        JobState state,
        int attempts,
        @Nullable Instant dueAt,
        @Nullable Instant giveUpAt,
        boolean cancelling,
        @Nullable JobProblem problem) {
    /** In another state, to be looked at again. */
    Job next(JobState next, Instant due, Instant giveUp) {
        return new Job(id, spec, next, attempts, due, giveUp, cancelling, null);
    }

    /** In its last state. */
    Job over(JobState last) {
        return new Job(id, spec, last, attempts, null, null, cancelling, null);
    }

    /** In the same state, to be tried again. */
    Job again(Instant due, @Nullable JobProblem why) {
        return new Job(id, spec, state, attempts, due, giveUpAt, cancelling, why);
    }
}
