package io.sluice.wrong.call;

import io.sluice.wrong.sandbox.StandIn;

/** Ours must not lean on the stand-ins. */
public interface UsesTheSandbox {
    StandIn standIn();
}
