package io.sluice.wrong.cache;

/** Part of a circle that is too large. */
public interface FourthOfFour {
    FirstOfFour next();
}
