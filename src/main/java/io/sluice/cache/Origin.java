package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;

/** Where answers come from that are not kept: the budget, and the vendor behind it. */
public interface Origin {
    /** Makes the call; waits for the head of the answer. */
    Result fetch(Call call) throws InterruptedException;

    /** Makes a call that no caller waits for: one that refreshes an answer. Waits as {@link #fetch} does. */
    default Result refresh(Call call) throws InterruptedException {
        return fetch(call);
    }

    /** Whether the vendor, or an operator, lets nobody make such a call at present. Never waits. */
    boolean closed(Call call);
}
