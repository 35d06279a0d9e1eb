package io.sluice.budget;

import io.sluice.budget.window.CrashRules;
import java.time.InstantSource;

/** The dependencies that the accounts' checkpointers share: store, clocks, rules, settings and listener. */
record CheckpointContext(
        InstantSource instants,
        BootClock boot,
        BudgetStore store,
        CheckpointListener listener,
        CheckpointSettings settings,
        CrashRules rules) {}
