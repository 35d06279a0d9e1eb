/**
 * Customer.io: people and events (Track), messages and queries (App), and Pipelines.
 *
 * <p>May use {@code vendor}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.vendor.customerio;

import org.jspecify.annotations.NullMarked;
