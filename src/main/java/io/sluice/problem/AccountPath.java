package io.sluice.problem;

import io.sluice.AccountId;
import io.sluice.problem.Problem.Kind;

/** The account that a request names, in its path or in its parameters. */
public final class AccountPath {
    private AccountPath() {}

    /**
     * Returns the identity of the account, which may be one that is not configured.
     *
     * @throws ApiException if no account can have these names
     */
    public static AccountId of(String vendor, String account) {
        try {
            return new AccountId(vendor, account);
        } catch (IllegalArgumentException noName) {
            throw new ApiException(Kind.NOT_FOUND, String.valueOf(noName.getMessage()));
        }
    }
}
