package io.sluice.wrong.vendor.clerk;

/** Another vendor. */
public interface Clerk {}
