package io.sluice.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A message in its ordering group, claimed by a worker.
 *
 * @param seq its number: the order in which messages were accepted
 * @param id the accepted call that it is part of, and {@code position} its place in it
 * @param failures how often delivering it has failed
 * @param maybeDelivered true if the worker that held it was lost, so that it may be delivered already
 * @param secondGroup the ordering group of its second ordering key, if it has one
 */
public record ClaimedMessage(
        long group,
        long seq,
        int queue,
        String id,
        int position,
        String kind,
        String operation,
        String payload,
        long acceptedAt,
        long expiresAt,
        int failures,
        boolean maybeDelivered,
        @Nullable Long secondGroup) {}
