package io.sluice.delivery;

import java.util.List;

/**
 * The letters of one call, accepted together or not at all.
 *
 * @param id by which the caller may ask for it
 */
record Parcel(String id, Channel channel, String team, List<Letter> letters, long acceptedAt, long expiresAt) {
    Parcel {
        letters = List.copyOf(letters);
    }
}
