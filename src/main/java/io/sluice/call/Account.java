package io.sluice.call;

import io.sluice.AccountId;
import java.net.URI;
import java.util.Set;

/**
 * One set of credentials at one surface of a vendor.
 *
 * @param id the account; the same at all surfaces of its vendor
 * @param url the surface's URL, without a slash at its end
 * @param elsewhere other URLs of the surface, in the same form: if the vendor redirects there, calls follow, with
 *     the credential
 */
public record Account(AccountId id, URI url, Credential credential, Set<URI> elsewhere) {
    public Account {
        elsewhere = Set.copyOf(elsewhere);
    }

    /** An account at a vendor that does not redirect. */
    public Account(AccountId id, URI url, Credential credential) {
        this(id, url, credential, Set.of());
    }

    /** Returns the vendor's name. */
    public String vendor() {
        return id.vendor();
    }

    /** Returns the account's name in the vendor's configuration. */
    public String name() {
        return id.account();
    }

    /** Returns the budget's name of the account; one for all surfaces of a vendor, which share their limits' names. */
    public String budget() {
        return id.toString();
    }
}
