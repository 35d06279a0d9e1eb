package io.sluice.saas.clerk;

import static io.sluice.saas.clerk.ClerkLimits.INVITATIONS;
import static io.sluice.saas.clerk.ClerkLimits.INVITATIONS_BULK;
import static io.sluice.saas.clerk.ClerkLimits.MEMBERSHIP_UPDATE;
import static io.sluice.saas.clerk.ClerkLimits.ORGANIZATION_INVITATIONS;
import static io.sluice.saas.clerk.ClerkLimits.ORGANIZATION_INVITATIONS_BULK;
import static io.sluice.saas.clerk.ClerkLimits.ORGANIZATION_UPDATE;
import static io.sluice.saas.clerk.ClerkLimits.PER_INSTANCE;
import static io.sluice.saas.clerk.ClerkLimits.USER_UPDATE;

import io.sluice.call.Operation;

/** The operations of Clerk: classes of calls with the same limits and retry safety. */
final class ClerkOperations {
    static final Operation READ = Operation.read("read", PER_INSTANCE);
    static final Operation READ_USER = Operation.read("read-user", PER_INSTANCE);
    static final Operation LIST_USERS = Operation.read("list-users", PER_INSTANCE);
    static final Operation COUNT_USERS = Operation.read("count-users", PER_INSTANCE);
    static final Operation READ_ORGANIZATION = Operation.read("read-organization", PER_INSTANCE);
    static final Operation JWKS = Operation.read("jwks");
    static final Operation WRITE = Operation.write("write", PER_INSTANCE);
    static final Operation CREATE_USER = Operation.write("create-user", PER_INSTANCE);
    static final Operation UPDATE_USER =
            Operation.idempotentWrite("update-user", PER_INSTANCE).andPer(USER_UPDATE, "user_id");
    static final Operation SET_USER_STATE = Operation.idempotentWrite("set-user-state", PER_INSTANCE);
    static final Operation DELETE = Operation.idempotentWrite("delete", PER_INSTANCE);
    static final Operation REVOKE_SESSION = Operation.idempotentWrite("revoke-session", PER_INSTANCE);
    static final Operation CREATE_ORGANIZATION = Operation.write("create-organization", PER_INSTANCE);
    static final Operation UPDATE_ORGANIZATION = Operation.idempotentWrite("update-organization", PER_INSTANCE)
            .andPer(ORGANIZATION_UPDATE, "organization_id");
    static final Operation UPDATE_MEMBERSHIP = Operation.idempotentWrite("update-membership", PER_INSTANCE)
            .andPer(MEMBERSHIP_UPDATE, "organization_id", "user_id");
    static final Operation INVITE = Operation.write("invite", PER_INSTANCE, INVITATIONS);
    static final Operation INVITE_MANY = Operation.write("invite-many", PER_INSTANCE, INVITATIONS_BULK);
    static final Operation INVITE_TO_ORGANIZATION =
            Operation.write("invite-to-organization", PER_INSTANCE, ORGANIZATION_INVITATIONS);
    static final Operation INVITE_MANY_TO_ORGANIZATION =
            Operation.write("invite-many-to-organization", PER_INSTANCE, ORGANIZATION_INVITATIONS_BULK);

    private ClerkOperations() {}
}
