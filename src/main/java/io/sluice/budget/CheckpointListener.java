package io.sluice.budget;

/** The listener for events of accounts that outlive a restart. Must not wait. */
public interface CheckpointListener {
    /** Ignores every event. */
    CheckpointListener NONE = new CheckpointListener() {
        @Override
        public void restored(RestoreReport restored) {
            // Ignored.
        }

        @Override
        public void unavailable(String account, String why) {
            // Ignored.
        }

        @Override
        public void recovered(String account) {
            // Ignored.
        }
    };

    /** An account was restored from a checkpoint of the process before. */
    void restored(RestoreReport restored);

    /** An account can no longer be saved. Called once, until it is {@link #recovered}. */
    void unavailable(String account, String why);

    /** It is saved again. */
    void recovered(String account);
}
