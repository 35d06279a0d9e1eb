package io.sluice.team;

import java.util.List;

/**
 * An authenticated caller: a team of the configuration, with its share, permissions and limits.
 *
 * @param weight its share beside other teams that wait
 * @param allow the calls that it may make
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

    /** Returns true if the team may call at least one operation of the vendor. */
    boolean mayCall(String vendor) {
        return allow.stream()
                .map(Permission::vendor)
                .anyMatch(allowed -> allowed.equals("*") || allowed.equals(vendor));
    }

    /**
     * Returns true if the team may call the operation.
     *
     * @param reads whether the operation changes nothing
     */
    public boolean may(String vendor, String operation, boolean reads) {
        return allow.stream().anyMatch(permission -> permission.covers(vendor, operation, reads));
    }
}
