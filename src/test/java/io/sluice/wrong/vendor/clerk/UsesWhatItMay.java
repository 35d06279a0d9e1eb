package io.sluice.wrong.vendor.clerk;

import io.sluice.wrong.call.Call;

/** Breaks no arrow. */
public interface UsesWhatItMay {
    Call call();

    Clerk own();
}
