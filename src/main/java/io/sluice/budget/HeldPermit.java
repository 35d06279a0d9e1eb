package io.sluice.budget;

/** A permit of one account, and what it took. Its state is guarded by its account's lock. */
final class HeldPermit implements Permit {
    private enum State {
        HELD,
        SENT,
        ENDED
    }

    /** The order in which the call's first attempt came. */
    record KeptTurn(long order) implements Turn {}

    final Waiter waiter;
    private State state = State.HELD;

    HeldPermit(Waiter waiter) {
        this.waiter = waiter;
    }

    @Override
    public boolean send() {
        synchronized (waiter.account) {
            if (state != State.HELD) {
                return false;
            }
            state = State.SENT;
            return true;
        }
    }

    @Override
    public void answered(Answer answer) {
        waiter.account.settle(this, answer);
    }

    @Override
    public void gaveUp() {
        waiter.account.settle(this, Answer.SILENT);
    }

    @Override
    public void giveBack() {
        waiter.account.giveBack(this);
    }

    @Override
    public Turn turn() {
        return new KeptTurn(waiter.turn);
    }

    /** Ends it, unless it has ended. Called with the account's lock. */
    boolean end() {
        if (state == State.ENDED) {
            return false;
        }
        state = State.ENDED;
        return true;
    }

    /** Ends it, unless it is sent or has ended. Called with the account's lock. */
    boolean endUnsent() {
        return state == State.HELD && end();
    }
}
