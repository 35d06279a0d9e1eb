package io.sluice.wrong.sandbox;

/** A stand-in for a vendor. */
public interface StandIn {}
