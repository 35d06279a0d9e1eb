package io.sluice.vendor;

/**
 * A read that shows whether a vendor takes a credential, for one permit.
 *
 * @param surface of the accounts that are asked about
 * @param target path and query
 */
public record CredentialProbe(Surface surface, String target) {}
