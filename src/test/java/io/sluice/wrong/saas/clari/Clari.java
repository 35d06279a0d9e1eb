package io.sluice.wrong.saas.clari;

/** A vendor. */
public interface Clari {}
