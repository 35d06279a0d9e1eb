/**
 * Clerk's Backend API: users, organizations, invitations.
 *
 * <p>May use {@code saas}, {@code reconcile}, {@code cache}, {@code call} and {@code budget}.
 */
@NullMarked
package io.sluice.saas.clerk;

import org.jspecify.annotations.NullMarked;
