package io.sluice.budget;

import java.time.InstantSource;

/** What the accounts' checkpointers share: store, clocks, rules, settings and listener. */
record CheckpointContext(
        InstantSource instants,
        BootClock boot,
        BudgetStore store,
        CheckpointListener listener,
        CheckpointSettings settings,
        CrashRules rules) {}
