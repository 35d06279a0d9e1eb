package io.sluice.wrong.sandbox;

import io.sluice.wrong.call.Call;

/** A stand-in must not share code with what it tests; an array is a use, too. */
public interface UsesOurCode {
    Call[] calls();
}
