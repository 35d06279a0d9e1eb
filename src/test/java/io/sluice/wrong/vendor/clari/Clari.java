package io.sluice.wrong.vendor.clari;

/** A vendor. */
public interface Clari {}
