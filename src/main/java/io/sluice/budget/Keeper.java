package io.sluice.budget;

import java.time.InstantSource;

/** Where accounts are saved, by which clocks and rules, and who hears of it. */
record Keeper(
        InstantSource instants,
        BootClock boot,
        Memory memory,
        SavingListener listener,
        SavingSettings settings,
        CrashRules rules) {}
