package io.sluice.wrong.saas.clerk;

/** Another vendor. */
public interface Clerk {}
