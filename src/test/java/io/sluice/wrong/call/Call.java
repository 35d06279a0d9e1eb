package io.sluice.wrong.call;

/** A call. */
public interface Call {}
