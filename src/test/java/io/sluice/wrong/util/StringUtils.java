package io.sluice.wrong.util;

/** Vague in its name, its package and its nulls. */
public interface StringUtils {}
