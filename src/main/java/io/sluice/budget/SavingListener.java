package io.sluice.budget;

/** Hears what is worth telling about accounts that outlive a restart. Must not wait. */
public interface SavingListener {
    /** Hears nothing. */
    SavingListener NONE = new SavingListener() {
        @Override
        public void restored(Restored restored) {
            // Nobody is interested.
        }

        @Override
        public void away(String account, String why) {
            // Nobody is interested.
        }

        @Override
        public void back(String account) {
            // Nobody is interested.
        }
    };

    /** An account was taken over from the process before. */
    void restored(Restored restored);

    /** An account can no longer be saved. Told once, until it is {@link #back}. */
    void away(String account, String why);

    /** It is saved again. */
    void back(String account);
}
