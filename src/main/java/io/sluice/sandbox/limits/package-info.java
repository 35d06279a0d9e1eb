/**
 * The limits of the stand-ins: how many calls pass in which time, by a fixed window, a sliding log, a sliding counter or a
 * bucket, on a clock that tests can set. Written apart from the budget, so that a mistake there is not repeated here.
 *
 * <p>Uses no other package of Sluice.
 */
@NullMarked
package io.sluice.sandbox.limits;

import org.jspecify.annotations.NullMarked;
