package io.sluice.wrong.cache;

/** Part of a circle that is too large; a nested class closes it. */
public interface SecondOfFour {
    /** Counts as the class around it. */
    interface Nested {
        ThirdOfFour next();
    }
}
