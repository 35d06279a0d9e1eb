/**
 * The stand-in of Customer.io: its Track, App and Pipelines APIs, on the same people, events, mails and exports.
 *
 * <p>Uses {@code sandbox.http} and {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.customerio;

import org.jspecify.annotations.NullMarked;
