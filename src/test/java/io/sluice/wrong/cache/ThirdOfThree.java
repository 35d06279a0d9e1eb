package io.sluice.wrong.cache;

/** Part of a circle that is as large as allowed. */
public interface ThirdOfThree {
    FirstOfThree next();
}
