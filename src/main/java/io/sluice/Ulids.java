package io.sluice;

import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** A generator of ULIDs: 26 characters that begin with the time, so that sorting ids sorts by age. Thread-safe. */
@Singleton
public class Ulids {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int TIME_CHARACTERS = 10;
    private static final int RANDOM_CHARACTERS = 16;

    private final InstantSource clock;
    private final RandomGenerator random;

    public Ulids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Returns a new ULID. Those of the same millisecond are in no order. */
    public String next() {
        char[] id = new char[TIME_CHARACTERS + RANDOM_CHARACTERS];
        long time = clock.millis();
        for (int i = TIME_CHARACTERS - 1; i >= 0; i--) {
            id[i] = ALPHABET.charAt((int) (time & 31));
            time >>>= 5;
        }
        for (int i = TIME_CHARACTERS; i < id.length; i++) {
            id[i] = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        return new String(id);
    }
}
