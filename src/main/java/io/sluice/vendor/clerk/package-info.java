/**
 * Clerk's Backend API: users, organizations, invitations.
 *
 * <p>May use {@code vendor}, {@code reconcile}, {@code cache}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.vendor.clerk;

import org.jspecify.annotations.NullMarked;
