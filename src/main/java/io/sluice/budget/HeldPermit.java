package io.sluice.budget;

import io.sluice.budget.queue.QueuedRequest;

/** The permit of an attempt, by which its holder sends and settles it. */
final class HeldPermit extends Attempt implements Permit {
    private final Account account;

    HeldPermit(Account account, QueuedRequest holder, long grantedAt) {
        super(holder, grantedAt);
        this.account = account;
    }

    @Override
    public boolean send() {
        return account.send(this);
    }

    @Override
    public boolean reassign(String other) {
        return account.reassign(this, other);
    }

    @Override
    public void complete(LimitFeedback answer) {
        account.complete(this, answer);
    }

    @Override
    public void abandon() {
        account.abandon(this);
    }

    @Override
    public void release() {
        account.release(this);
    }

    @Override
    public QueuePosition position() {
        return new QueuePosition(holder.order());
    }
}
