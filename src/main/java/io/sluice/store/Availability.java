package io.sluice.store;

/**
 * Whether the database answers, told when it changes rather than at each try: a database that is away for an hour fails
 * thousands of them. Thread-safe.
 */
final class Availability {
    private final Listener listener;

    private volatile State state = State.UNKNOWN; // written under this
    private boolean answered; // guarded by this

    private enum State {
        UNKNOWN,
        ANSWERS,
        AWAY
    }

    /** Who is told; never two calls at once. */
    interface Listener {
        /** Keeps it to itself. */
        Listener NONE = new Listener() {
            @Override
            public void answers(boolean before) {}

            @Override
            public void isAway(boolean before, String why) {}
        };

        /**
         * It answers, for the first time or again.
         *
         * @param before whether it ever had since the process started
         */
        void answers(boolean before);

        /**
         * It does not.
         *
         * @param before whether it ever had since the process started
         */
        void isAway(boolean before, String why);
    }

    Availability(Listener listener) {
        this.listener = listener;
    }

    /** It has answered; to be called after each use. */
    void answers() {
        if (state != State.ANSWERS) {
            change(State.ANSWERS, () -> {
                listener.answers(answered);
                answered = true;
            });
        }
    }

    /** It could not be used. */
    void isAway(Throwable why) {
        if (state != State.AWAY) {
            change(State.AWAY, () -> listener.isAway(answered, String.valueOf(why.getMessage())));
        }
    }

    /** Whether it answered when it was last used; false before its first use. */
    boolean isAnswering() {
        return state == State.ANSWERS;
    }

    private synchronized void change(State to, Runnable telling) {
        if (state != to) {
            state = to;
            telling.run();
        }
    }
}
