package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;

/** The source of responses to a read that are not cached: the budget, and the vendor behind it. */
public interface Origin {
    /** Returns the call of the caller that waits for the read, always the same one; made at its first use. */
    Call call();

    /** Makes the call; waits for the head of the response. */
    Result fetch(Call call) throws InterruptedException;

    /** Makes a call that no caller waits for: one that refreshes an entry. Waits as {@link #fetch} does. */
    default Result refresh(Call call) throws InterruptedException {
        return fetch(call);
    }

    /** Returns true if the vendor, or an operator, has closed such calls for everyone at present. Never waits. */
    boolean closed(Call call);
}
