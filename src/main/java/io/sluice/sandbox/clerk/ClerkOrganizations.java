package io.sluice.sandbox.clerk;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The organizations of an instance and their members. Guarded by the lock of its {@link Vendor}. */
final class ClerkOrganizations {
    private static final Charge INSTANCE = Charge.of("instance");
    private static final Charge PER_ORGANIZATION = Charge.per("organization-update", "organization");
    private static final Charge PER_MEMBERSHIP = Charge.per("membership-update", "organization", "user");

    private final SandboxClock clock;
    private final ClerkUsers users;
    private final int maxRecords;
    private final Map<String, JsonObject> organizations = new LinkedHashMap<>();
    private final Map<String, JsonObject> memberships = new LinkedHashMap<>(); // "org_1/user_1"
    private long lastId;

    ClerkOrganizations(SandboxClock clock, ClerkUsers users, int maxRecords) {
        this.clock = clock;
        this.users = users;
        this.maxRecords = maxRecords;
    }

    void routes(Operations operations) {
        String one = "/v1/organizations/{organization}";
        String membership = one + "/memberships/{user}";
        operations
                .on("list-organizations", "GET", "/v1/organizations", this::list, INSTANCE)
                .on("create-organization", "POST", "/v1/organizations", this::create, INSTANCE)
                .on("read-organization", "GET", one, call -> SandboxResponse.json(200, organization(call)), INSTANCE)
                .on("update-organization", "PATCH", one, this::update, INSTANCE, PER_ORGANIZATION)
                .on(
                        "merge-organization-metadata",
                        "PATCH",
                        one + "/metadata",
                        call -> change(organization(call), o -> Metadata.merge(o, call.json(), Metadata.ORGANIZATION)),
                        INSTANCE,
                        PER_ORGANIZATION)
                .on(
                        "replace-organization-metadata",
                        "PUT",
                        one + "/metadata",
                        call -> change(
                                organization(call), o -> Metadata.replace(o, call.json(), Metadata.ORGANIZATION)),
                        INSTANCE,
                        PER_ORGANIZATION)
                .on("delete-organization", "DELETE", one, this::delete, INSTANCE)
                .on("list-memberships", "GET", one + "/memberships", this::members, INSTANCE)
                .on("create-membership", "POST", one + "/memberships", this::join, INSTANCE)
                .on("update-membership", "PATCH", membership, this::changeRole, INSTANCE, PER_MEMBERSHIP)
                .on(
                        "merge-membership-metadata",
                        "PATCH",
                        membership + "/metadata",
                        call -> change(membership(call), m -> Metadata.merge(m, call.json(), Metadata.ORGANIZATION)),
                        INSTANCE,
                        PER_MEMBERSHIP)
                .on("delete-membership", "DELETE", membership, this::leave, INSTANCE)
                .on(
                        "list-user-memberships",
                        "GET",
                        "/v1/users/{user}/organization_memberships",
                        this::membershipsOfUser,
                        INSTANCE);
    }

    /**
     * Finds an organization by id or slug.
     *
     * @throws RefusedException if there is none
     */
    JsonObject organization(Call call) {
        String id = call.parameter("organization");
        JsonObject organization = organizations.get(id);
        if (organization == null) {
            organization = bySlug(id);
        }
        if (organization == null) {
            throw new RefusedException(ClerkErrors.notFound("organization", id));
        }
        return organization;
    }

    private @Nullable JsonObject bySlug(String slug) {
        return organizations.values().stream()
                .filter(organization -> slug.equals(organization.getString("slug")))
                .findFirst()
                .orElse(null);
    }

    private SandboxResponse list(Call call) {
        return page(call, organizations.values().stream(), organizations.size());
    }

    private static SandboxResponse page(Call call, Stream<JsonObject> all, int total) {
        JsonArray data = all.skip(call.queryNumber("offset", 0))
                .limit(call.queryNumber("limit", 10))
                .collect(Json.toArray());
        return SandboxResponse.json(200, Json.of("data", data, "total_count", total));
    }

    private SandboxResponse create(Call call) {
        JsonObject asked = call.json();
        String name = asked.getString("name");
        if (name == null || name.isBlank()) {
            return ClerkErrors.parameter(422, "form_param_missing", "name must be there", "name");
        }
        String id = "org_" + (lastId + 1);
        String slug = asked.getString(
                "slug", name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-" + (lastId + 1));
        if (bySlug(slug) != null) {
            throw ClerkErrors.taken("slug");
        }
        StoreFullException.check("Clerk organizations", organizations.size(), maxRecords);
        lastId++;
        long now = clock.millis();
        JsonObject organization = Json.of(
                "object", "organization",
                "id", id,
                "name", name,
                "slug", slug,
                "created_by", asked.getString("created_by"),
                "max_allowed_memberships", asked.getInteger("max_allowed_memberships", 5),
                "admin_delete_enabled", true,
                "created_at", now,
                "updated_at", now);
        Metadata.init(organization, asked, Metadata.ORGANIZATION);
        organizations.put(id, organization);
        if (asked.getString("created_by") != null) {
            addMember(organization, users.user(call.with(Map.of("user", asked.getString("created_by")))), "org:admin");
        }
        return SandboxResponse.json(200, organization);
    }

    private SandboxResponse update(Call call) {
        JsonObject asked = call.json();
        return change(organization(call), organization -> {
            for (String field : List.of("name", "slug", "max_allowed_memberships")) {
                if (asked.containsKey(field)) {
                    organization.put(field, asked.getValue(field));
                }
            }
            Metadata.replace(organization, asked, Metadata.ORGANIZATION);
        });
    }

    private SandboxResponse change(JsonObject resource, Consumer<JsonObject> change) {
        change.accept(resource);
        resource.put("updated_at", Math.max(clock.millis(), resource.getLong("updated_at") + 1));
        return SandboxResponse.json(200, resource);
    }

    private SandboxResponse delete(Call call) {
        String id = organization(call).getString("id");
        organizations.remove(id);
        memberships.keySet().removeIf(key -> key.startsWith(id + "/"));
        return SandboxResponse.json(200, Json.of("object", "organization", "id", id, "deleted", true));
    }

    private SandboxResponse members(Call call) {
        String id = organization(call).getString("id");
        List<JsonObject> found = memberships.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(id + "/"))
                .map(Map.Entry::getValue)
                .toList();
        return page(call, found.stream(), found.size());
    }

    private SandboxResponse membershipsOfUser(Call call) {
        String id = users.user(call).getString("id");
        List<JsonObject> found = memberships.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("/" + id))
                .map(Map.Entry::getValue)
                .toList();
        return page(call, found.stream(), found.size());
    }

    private SandboxResponse join(Call call) {
        JsonObject asked = call.json();
        JsonObject user = users.user(call.with(Map.of("user", asked.getString("user_id", ""))));
        return SandboxResponse.json(200, addMember(organization(call), user, asked.getString("role", "org:member")));
    }

    private JsonObject addMember(JsonObject organization, JsonObject user, String role) {
        String key = organization.getString("id") + "/" + user.getString("id");
        if (memberships.containsKey(key)) {
            throw new RefusedException(
                    ClerkErrors.of(400, "already_a_member_in_organization", "the user is a member already", null));
        }
        StoreFullException.check("Clerk memberships", memberships.size(), maxRecords);
        long now = clock.millis();
        JsonObject membership = Json.of(
                "object",
                "organization_membership",
                "id",
                "orgmem_" + ++lastId,
                "role",
                role,
                "organization",
                organization.copy(),
                "public_user_data",
                Json.of(
                        "user_id", user.getString("id"),
                        "first_name", user.getString("first_name"),
                        "last_name", user.getString("last_name")),
                "public_metadata",
                new JsonObject(),
                "private_metadata",
                new JsonObject(),
                "created_at",
                now,
                "updated_at",
                now);
        memberships.put(key, membership);
        return membership;
    }

    private JsonObject membership(Call call) {
        String user = call.parameter("user");
        JsonObject membership = memberships.get(organization(call).getString("id") + "/" + user);
        if (membership == null) {
            throw new RefusedException(ClerkErrors.notFound("membership", user));
        }
        return membership;
    }

    private SandboxResponse changeRole(Call call) {
        String role = call.json().getString("role");
        return change(membership(call), membership -> {
            if (role != null) {
                membership.put("role", role);
            }
        });
    }

    private SandboxResponse leave(Call call) {
        JsonObject membership = membership(call);
        memberships.values().remove(membership);
        return SandboxResponse.json(200, membership);
    }

    JsonObject summary() {
        return Json.of("organizations", organizations.size(), "memberships", memberships.size());
    }

    void reset() {
        organizations.clear();
        memberships.clear();
    }
}
