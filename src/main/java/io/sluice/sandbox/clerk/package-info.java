/**
 * The stand-in of Clerk: users, organizations, memberships and invitations.
 *
 * <p>Uses {@code sandbox.http} and {@code sandbox.limits}.
 */
@NullMarked
package io.sluice.sandbox.clerk;

import org.jspecify.annotations.NullMarked;
