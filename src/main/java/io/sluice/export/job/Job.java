package io.sluice.export.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One job at a vendor, as it was claimed or will be stored.
 *
 * @param attempts how often its request was sent
 * @param dueAt when its next step is due; null when it has ended
 * @param giveUpAt when it has taken too long, in the state it is in
 * @param cancelling true if every export with a part in it was cancelled
 * @param problem the latest, until a step succeeds
 */
public record Job(
        String id,
        JobSpec spec,
        JobState state,
        int attempts,
        @Nullable Instant dueAt,
        @Nullable Instant giveUpAt,
        boolean cancelling,
        @Nullable JobProblem problem) {
    /** The job in another state, with its next step due. */
    public Job next(JobState next, Instant due, Instant giveUp) {
        return new Job(id, spec, next, attempts, due, giveUp, cancelling, null);
    }

    /** The job in its last state. */
    public Job over(JobState last) {
        return new Job(id, spec, last, attempts, null, null, cancelling, null);
    }

    /** The job in the same state, to be tried again. */
    public Job again(Instant due, @Nullable JobProblem why) {
        return new Job(id, spec, state, attempts, due, giveUpAt, cancelling, why);
    }
}
