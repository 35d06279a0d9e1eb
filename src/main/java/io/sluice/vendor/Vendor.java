package io.sluice.vendor;

import io.sluice.budget.Limit;
import java.util.List;
import java.util.Map;

/** A company whose APIs are rate-limited. A bean for each; what it returns never changes. */
public interface Vendor {
    /** The name in mounts, configuration, metrics and permissions. */
    String name();

    /** Its APIs, each with those accounts that have a credential for it. */
    List<Surface> surfaces();

    /** What each configured account is allowed, by account. */
    Map<String, List<Limit>> limits();

    /** What is configured for single operations, by their names. */
    Map<String, OperationConfig> operations();
}
