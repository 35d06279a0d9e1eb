package io.sluice.team;

import java.util.List;

/**
 * An authenticated caller.
 *
 * @param weight its share beside other teams that wait
 * @param allow what it may call
 * @param admin whether it may control limits and see every team's work
 * @param maxQueued how many of its calls may wait for one account at once
 * @param stale whether it may get cached responses that are out of date while the vendor cannot be asked
 */
public record Team(String name, int weight, List<Permission> allow, boolean admin, int maxQueued, boolean stale) {
    /** The role of admins, for {@code @RolesAllowed}. */
    public static final String ADMIN = "admin";

    public Team {
        allow = List.copyOf(allow);
    }

    /** Whether the team may make calls of a vendor, be it of one operation only. */
    boolean mayCall(String vendor) {
        return allow.stream()
                .map(Permission::vendor)
                .anyMatch(allowed -> allowed.equals("*") || allowed.equals(vendor));
    }

    /**
     * Whether the team may make calls of an operation.
     *
     * @param reads whether the operation changes nothing
     */
    public boolean may(String vendor, String operation, boolean reads) {
        return allow.stream().anyMatch(permission -> permission.covers(vendor, operation, reads));
    }
}
