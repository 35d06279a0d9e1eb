package io.sluice.store;

/**
 * The availability of the database, as its latest use showed it. Reports changes rather than each failure, since a
 * database that is away for an hour fails thousands of calls. Thread-safe.
 */
final class Availability {
    private final Listener listener;

    private volatile State state = State.UNKNOWN; // written with the lock of this
    private boolean answered; // guarded by this

    private enum State {
        UNKNOWN,
        ANSWERS,
        AWAY
    }

    /** Receives the changes; calls never overlap. */
    interface Listener {
        /** Ignores every change. */
        Listener NONE = new Listener() {
            @Override
            public void answers(boolean before) {}

            @Override
            public void isAway(boolean before, String why) {}
        };

        /**
         * The database answers, for the first time or again.
         *
         * @param before whether it had answered before, since the process started
         */
        void answers(boolean before);

        /**
         * The database is unavailable.
         *
         * @param before whether it had answered before, since the process started
         */
        void isAway(boolean before, String why);
    }

    Availability(Listener listener) {
        this.listener = listener;
    }

    /** Records that the database has answered; to be called after each use. */
    void answers() {
        if (state != State.ANSWERS) {
            change(State.ANSWERS, () -> {
                listener.answers(answered);
                answered = true;
            });
        }
    }

    /** Records that the database could not be used. */
    void isAway(Throwable why) {
        if (state != State.AWAY) {
            change(State.AWAY, () -> listener.isAway(answered, String.valueOf(why.getMessage())));
        }
    }

    /** Returns true if the database answered when it was last used; false before its first use. */
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
