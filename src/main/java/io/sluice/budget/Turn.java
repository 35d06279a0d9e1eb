package io.sluice.budget;

/** A call's place among its peers, kept from one attempt to the next so that a retry does not queue anew. */
public interface Turn {}
