package io.sluice.saas;

/**
 * A read that shows if a vendor accepts a credential, for one permit.
 *
 * @param surface the API whose accounts are checked
 * @param target path and query
 */
public record CredentialProbe(Surface surface, String target) {}
