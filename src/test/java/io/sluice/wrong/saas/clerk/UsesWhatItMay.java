package io.sluice.wrong.saas.clerk;

import io.sluice.wrong.call.Call;

/** Breaks no arrow. */
public interface UsesWhatItMay {
    Call call();

    Clerk own();
}
