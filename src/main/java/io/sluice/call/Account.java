package io.sluice.call;

import java.net.URI;
import java.util.Set;

/**
 * One set of credentials at one surface of a vendor.
 *
 * @param vendor the vendor's name
 * @param name the account's name in the configuration
 * @param url the surface's URL, without a slash at its end
 * @param elsewhere other URLs of the surface, in the same form: if the vendor redirects there, calls follow, with
 *     the credential
 */
public record Account(String vendor, String name, URI url, Credential credential, Set<URI> elsewhere) {
    public Account {
        elsewhere = Set.copyOf(elsewhere);
    }

    /** An account at a vendor that does not redirect. */
    public Account(String vendor, String name, URI url, Credential credential) {
        this(vendor, name, url, credential, Set.of());
    }

    /** Returns the budget's name of the account; one for all surfaces of a vendor, which share their limits' names. */
    public String budget() {
        return vendor + "/" + name;
    }
}
