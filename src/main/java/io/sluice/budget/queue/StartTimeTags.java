package io.sluice.budget.queue;

/**
 * The arithmetic of start-time fair queueing: where the next item of a flow begins, and how far an item pushes the next
 * one on. Tags are numbers without a unit; {@value #SCALE} is an item of cost 1 at weight 1. Among flows that wait, the
 * smallest tag is served first, so that each gets its share by weight.
 */
public final class StartTimeTags {
    /** Large enough for weights of thousands, small enough for the costs of years. */
    public static final long SCALE = 1L << 20;

    private StartTimeTags() {}

    /**
     * The start tag of a flow's next item: where its last one ended, or the virtual time if that is later, which is the
     * tag that was served last. So a flow that rested saves nothing up.
     */
    public static long start(long finish, long virtualTime) {
        return Math.max(finish, virtualTime);
    }

    /** The same for tags that are stored as fractions of {@link #SCALE}. */
    public static double start(double finish, double virtualTime) {
        return Math.max(finish, virtualTime);
    }

    /** How far an item pushes the tag of its flow on: its cost over the weight, and something in any case. */
    public static long share(long cost, int weight) {
        return Math.max(1, cost * SCALE / weight);
    }
}
