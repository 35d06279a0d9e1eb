package io.sluice.saas;

import io.sluice.budget.window.Limit;
import java.util.List;
import java.util.Map;

/** A vendor: a company whose APIs are rate-limited. A bean for each; its methods always return the same values. */
public interface Vendor {
    /** The name in mounts, configuration, metrics and permissions. */
    public String name();

    /** Its APIs, each with those accounts that have a credential for it. */
    public List<Surface> surfaces();

    /** The limits of each configured account, by account. */
    public Map<String, List<Limit>> limits();

    /** The limits of each configured account without its configured changes: as the vendor documents its plan. */
    Map<String, List<Limit>> documentedLimits();

    /**
     * Reads that any credential the vendor accepts may make, one for each credential of an account that can be probed.
     * Empty where the vendor has a check of its own that covers more.
     */
    default List<CredentialProbe> credentialProbes() {
        return List.of();
    }

    /** The configuration of single operations, by their names. */
    public Map<String, OperationConfig> operations();
}
