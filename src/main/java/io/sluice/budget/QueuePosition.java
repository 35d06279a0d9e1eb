package io.sluice.budget;

/**
 * A call's position in its account's queue, kept from one attempt to the next so that a retry does not go to the end.
 *
 * @param order the number of the call's first attempt among all requests to the account
 */
public record QueuePosition(long order) {}
