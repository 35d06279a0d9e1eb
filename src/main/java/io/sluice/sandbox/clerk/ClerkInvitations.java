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
import java.util.Map;
import java.util.function.Function;

/**
 * Invitations to an instance and to its organizations; each sends a mail. Guarded by the lock of its {@link Vendor}.
 */
final class ClerkInvitations {
    private static final int MOST_PER_CALL = 10;
    private static final Charge INSTANCE = Charge.of("instance");

    private final SandboxClock clock;
    private final ClerkOrganizations organizations;
    private final int maxRecords;
    private final Map<String, JsonObject> invitations = new LinkedHashMap<>();
    private final Map<String, Long> mails = new LinkedHashMap<>(); // "org_1 a@b.c" to how many were sent
    private long lastId;

    ClerkInvitations(SandboxClock clock, ClerkOrganizations organizations, int maxRecords) {
        this.clock = clock;
        this.organizations = organizations;
        this.maxRecords = maxRecords;
    }

    void routes(Operations operations) {
        String ofOrganization = "/v1/organizations/{organization}/invitations";
        operations
                .on("list-invitations", "GET", "/v1/invitations", this::list, INSTANCE)
                .on(
                        "create-invitation",
                        "POST",
                        "/v1/invitations",
                        call -> SandboxResponse.json(200, invite("", call.json())),
                        INSTANCE,
                        Charge.of("invitations"))
                .on(
                        "create-invitations",
                        "POST",
                        "/v1/invitations/bulk",
                        call -> bulk(call, asked -> invite("", asked)),
                        INSTANCE,
                        Charge.of("invitations-bulk"))
                .on("revoke-invitation", "POST", "/v1/invitations/{invitation}/revoke", this::revoke, INSTANCE)
                .on(
                        "create-organization-invitation",
                        "POST",
                        ofOrganization,
                        call -> SandboxResponse.json(200, invite(organization(call), call.json())),
                        INSTANCE,
                        Charge.of("organization-invitations"))
                .on(
                        "create-organization-invitations",
                        "POST",
                        ofOrganization + "/bulk",
                        call -> {
                            String organization = organization(call);
                            return bulk(call, asked -> invite(organization, asked));
                        },
                        INSTANCE,
                        Charge.of("organization-invitations-bulk"));
    }

    private String organization(Call call) {
        return organizations.organization(call).getString("id");
    }

    private SandboxResponse list(Call call) {
        JsonArray found = invitations.values().stream()
                .filter(invitation -> invitation.getString("organization_id") == null)
                .skip(call.queryNumber("offset", 0))
                .limit(call.queryNumber("limit", 10))
                .collect(Json.toArray());
        return SandboxResponse.json(200, found);
    }

    private SandboxResponse bulk(Call call, Function<JsonObject, JsonObject> invite) {
        JsonArray asked = call.jsonArray();
        if (asked.isEmpty() || asked.size() > MOST_PER_CALL) {
            throw ClerkErrors.invalid("body", "from 1 to %d invitations per call".formatted(MOST_PER_CALL));
        }
        for (int i = 0; i < asked.size(); i++) {
            check(asked.getJsonObject(i));
        }
        JsonArray made = new JsonArray();
        for (int i = 0; i < asked.size(); i++) {
            made.add(invite.apply(asked.getJsonObject(i)));
        }
        return SandboxResponse.json(200, made);
    }

    private static String check(JsonObject asked) {
        String email = asked.getString("email_address");
        if (email == null || !email.contains("@")) {
            throw new RefusedException(ClerkErrors.parameter(
                    422, "form_param_format_invalid", "email_address must be an address", "email_address"));
        }
        return email;
    }

    private JsonObject invite(String organization, JsonObject asked) {
        String email = check(asked);
        boolean pending = invitations.values().stream()
                .anyMatch(invitation -> email.equals(invitation.getString("email_address"))
                        && organization.equals(invitation.getString("organization_id", ""))
                        && "pending".equals(invitation.getString("status")));
        if (pending && !asked.getBoolean("ignore_existing", false)) {
            throw new RefusedException(
                    ClerkErrors.of(400, "duplicate_record", "an invitation to this address is pending", null));
        }
        StoreFullException.check("Clerk invitations", invitations.size(), maxRecords);
        String id = (organization.isEmpty() ? "inv_" : "orginv_") + ++lastId;
        long now = clock.millis();
        JsonObject invitation = Json.of(
                "object",
                organization.isEmpty() ? "invitation" : "organization_invitation",
                "id",
                id,
                "email_address",
                email,
                "public_metadata",
                asked.getJsonObject("public_metadata", new JsonObject()),
                "revoked",
                false,
                "status",
                "pending",
                "created_at",
                now,
                "updated_at",
                now);
        if (!organization.isEmpty()) {
            invitation.put("organization_id", organization).put("role", asked.getString("role", "org:member"));
        }
        invitations.put(id, invitation);
        mails.merge(organization + " " + email, 1L, Long::sum);
        return invitation;
    }

    private SandboxResponse revoke(Call call) {
        String id = call.parameter("invitation");
        JsonObject invitation = invitations.get(id);
        if (invitation == null) {
            return ClerkErrors.notFound("invitation", id);
        }
        return SandboxResponse.json(
                200, invitation.put("revoked", true).put("status", "revoked").put("updated_at", clock.millis()));
    }

    JsonObject summary() {
        return Json.of("invitations", invitations.size());
    }

    /** How many mails went to each address. */
    JsonObject details() {
        JsonObject json = new JsonObject();
        mails.forEach((key, count) -> json.put(key.strip(), count));
        return Json.of("mails", json);
    }

    void reset() {
        invitations.clear();
        mails.clear();
    }
}
