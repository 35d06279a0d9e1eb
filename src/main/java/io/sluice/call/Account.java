package io.sluice.call;

import java.net.URI;

/**
 * One set of credentials at one surface of a vendor.
 *
 * @param vendor the vendor's name
 * @param name the account's name in the configuration
 * @param url where the surface is, without a slash at its end
 */
public record Account(String vendor, String name, URI url, Credential credential) {
    /** How the budget names the account; one for all surfaces of a vendor, which share their limits' names. */
    public String budget() {
        return vendor + "/" + name;
    }
}
