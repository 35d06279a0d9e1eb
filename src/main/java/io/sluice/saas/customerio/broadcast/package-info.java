/**
 * Broadcasts of Customer.io: those pending, and those of which the response was lost.
 *
 * <p>May use what {@code saas.customerio} may, and that.
 */
@NullMarked
package io.sluice.saas.customerio.broadcast;

import org.jspecify.annotations.NullMarked;
