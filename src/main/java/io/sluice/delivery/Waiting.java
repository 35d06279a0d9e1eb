package io.sluice.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A letter in its lane, claimed by a courier.
 *
 * @param seq its number: the order in which letters were accepted
 * @param id the accepted call that it is part of, and {@code position} its place in it
 * @param failures how often delivering it has failed
 * @param lost whether a courier who held it has not been heard of again, so that it may be delivered already
 * @param otherLane the lane of its second addressee, if it has one
 */
public record Waiting(
        long lane,
        long seq,
        int flow,
        String id,
        int position,
        String kind,
        String operation,
        String payload,
        long acceptedAt,
        long expiresAt,
        int failures,
        boolean lost,
        @Nullable Long otherLane) {}
