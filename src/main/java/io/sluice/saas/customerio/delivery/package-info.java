/**
 * Messages to Customer.io: which calls of Track and Pipelines can be delivered later, in which order, and how they are
 * sent in batches.
 *
 * <p>May use what {@code saas.customerio} may, and that.
 */
@NullMarked
package io.sluice.saas.customerio.delivery;

import org.jspecify.annotations.NullMarked;
