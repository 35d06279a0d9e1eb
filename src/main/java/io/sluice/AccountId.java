package io.sluice;

/**
 * The identity of an account: the vendor's name, and the name that the account has in that vendor's configuration. Its
 * text, {@code vendor/account}, is the account's name in the budget, in logs and in the keys of the cache.
 *
 * @param vendor not empty, and without a slash, so that the text has one meaning
 * @param account not empty
 */
public record AccountId(String vendor, String account) {
    private static final char SEPARATOR = '/';

    /** @throws IllegalArgumentException if no account can have these names */
    public AccountId {
        if (vendor.isEmpty() || vendor.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException(
                    "a vendor's name must not be empty and must have no slash: '" + vendor + "'");
        }
        if (account.isEmpty()) {
            throw new IllegalArgumentException("an account's name must not be empty: an account of " + vendor);
        }
    }

    /**
     * Returns the identity with that text, the opposite of {@link #toString}.
     *
     * @throws IllegalArgumentException if the text is not of the form {@code vendor/account}
     */
    public static AccountId parse(String text) {
        int separator = text.indexOf(SEPARATOR);
        if (separator <= 0 || separator == text.length() - 1) {
            throw new IllegalArgumentException("an account is named as vendor/account: '" + text + "'");
        }
        return new AccountId(text.substring(0, separator), text.substring(separator + 1));
    }

    /** Returns {@code vendor/account}. */
    @Override
    public String toString() {
        return vendor + SEPARATOR + account;
    }
}
