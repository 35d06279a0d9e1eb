/** Tests of the queue of accepted work, on both databases. */
@org.jspecify.annotations.NullMarked
package io.sluice.delivery;
