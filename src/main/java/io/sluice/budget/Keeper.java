package io.sluice.budget;

import java.time.InstantSource;

/** Where accounts are saved, and the clock by which they are. */
record Keeper(InstantSource instants, Memory memory) {}
