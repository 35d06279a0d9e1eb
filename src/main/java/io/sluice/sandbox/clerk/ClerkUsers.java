package io.sluice.sandbox.clerk;

import io.sluice.sandbox.http.Call;
import io.sluice.sandbox.http.Charge;
import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.Operation;
import io.sluice.sandbox.http.Operations;
import io.sluice.sandbox.http.RefusedException;
import io.sluice.sandbox.http.SandboxResponse;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The users of an instance. Guarded by the lock of its {@link Vendor}. */
final class ClerkUsers {
    /** The API version since which a user's PATCH takes no metadata. */
    private static final String METADATA_APART = "2026-05-12";

    private static final List<String> PLAIN_FIELDS =
            List.of("external_id", "username", "first_name", "last_name", "primary_email_address_id");

    private final SandboxClock clock;
    private final Settings settings;
    private final int maxRecords;
    private final int seeded;
    private final Map<String, JsonObject> users = new LinkedHashMap<>();
    private final Map<String, String> identifiers = new HashMap<>(); // "email_address:a@b.c" to the user's id
    private long lastId;
    private long created;

    ClerkUsers(SandboxClock clock, Settings settings, int maxRecords, int seeded) {
        this.clock = clock;
        this.settings = settings;
        this.maxRecords = maxRecords;
        this.seeded = seeded;
        seed();
    }

    private void seed() {
        for (int i = 1; i <= seeded; i++) {
            add(
                    "user_sandbox_" + i,
                    Json.of(
                            "external_id",
                            "ext-" + i,
                            "first_name",
                            "Sandbox",
                            "last_name",
                            "User " + i,
                            "email_address",
                            Json.array("user" + i + "@example.com"),
                            "public_metadata",
                            Json.of("plan", "pro")));
        }
    }

    void routes(Operations operations) {
        operations
                .on("list-users", "GET", "/v1/users", this::list, Charge.of("instance"))
                .on("count-users", "GET", "/v1/users/count", this::count, Charge.of("instance"))
                .on("create-user", "POST", "/v1/users", this::create, Charge.of("instance"))
                .on("read-user", "GET", "/v1/users/{user}", call -> ok(user(call)), Charge.of("instance"))
                .on("update-user", "PATCH", "/v1/users/{user}", this::update, Charge.of("instance"), perUser())
                .on("delete-user", "DELETE", "/v1/users/{user}", this::delete, Charge.of("instance"))
                .on(
                        "merge-user-metadata",
                        "PATCH",
                        "/v1/users/{user}/metadata",
                        call -> change(call, user -> Metadata.merge(user, call.json(), Metadata.USER)),
                        Charge.of("instance"),
                        perUser())
                .on(
                        "replace-user-metadata",
                        "PUT",
                        "/v1/users/{user}/metadata",
                        call -> change(call, user -> Metadata.replace(user, call.json(), Metadata.USER)),
                        Charge.of("instance"),
                        perUser())
                .on("ban-user", "POST", "/v1/users/{user}/ban", setting("banned", true), Charge.of("instance"))
                .on("unban-user", "POST", "/v1/users/{user}/unban", setting("banned", false), Charge.of("instance"))
                .on("lock-user", "POST", "/v1/users/{user}/lock", setting("locked", true), Charge.of("instance"))
                .on("unlock-user", "POST", "/v1/users/{user}/unlock", setting("locked", false), Charge.of("instance"));
    }

    private static Charge perUser() {
        return Charge.per("user-update", "user");
    }

    private Operation.Work setting(String field, boolean value) {
        return call -> change(call, user -> user.put(field, value));
    }

    /**
     * Finds a user by id.
     *
     * @throws RefusedException if there is none
     */
    JsonObject user(Call call) {
        String id = call.parameter("user");
        JsonObject user = users.get(id);
        if (user == null) {
            throw new RefusedException(ClerkErrors.notFound("user", id));
        }
        return user;
    }

    private static SandboxResponse ok(JsonObject json) {
        return SandboxResponse.json(200, json);
    }

    private SandboxResponse list(Call call) {
        long limit = between("limit", call.queryNumber("limit", 10), 1, 500);
        long offset = between("offset", call.queryNumber("offset", 0), 0, Integer.MAX_VALUE);
        String after = call.query("starting_after");
        Stream<JsonObject> found = ClerkUserFilter.of(call).apply(ordered(call.query("order_by"), after));
        if (after != null) {
            if (offset != 0) {
                throw ClerkErrors.invalid("offset", "offset must be 0 with starting_after");
            }
            if (!users.containsKey(after)) {
                throw ClerkErrors.invalid("starting_after", "starting_after names no user");
            }
            found = found.dropWhile(user -> !after.equals(user.getString("id"))).skip(1);
        }
        return SandboxResponse.json(200, found.skip(offset).limit(limit).collect(Json.toArray()));
    }

    /** All users in the order asked for, newest first by default; ties stand in the order of creation. */
    private Stream<JsonObject> ordered(@Nullable String asked, @Nullable String after) {
        String orderBy = asked == null ? "-created_at" : asked;
        boolean descending = orderBy.startsWith("-");
        // An unescaped plus sign arrives as a blank.
        String field = descending || orderBy.startsWith("+") ? orderBy.substring(1) : orderBy.strip();
        if (after != null && !field.equals("created_at")) {
            throw ClerkErrors.invalid("order_by", "starting_after needs order_by created_at");
        }
        List<JsonObject> all = new ArrayList<>(users.values());
        Comparator<JsonObject> order = comparator(field);
        if (descending) {
            Collections.reverse(all);
            all.sort(order.reversed());
        } else {
            all.sort(order);
        }
        return all.stream();
    }

    private static Comparator<JsonObject> comparator(String field) {
        return switch (field) {
            case "created_at", "updated_at", "last_active_at", "last_sign_in_at" ->
                Comparator.comparing(user -> user.getLong(field), Comparator.nullsFirst(Comparator.naturalOrder()));
            case "first_name", "last_name", "username" ->
                Comparator.comparing(user -> user.getString(field), Comparator.nullsFirst(Comparator.naturalOrder()));
            case "email_address" -> Comparator.comparing(user -> String.join(",", emails(user)));
            case "phone_number", "web3wallet" -> Comparator.comparingInt(user -> 0);
            default -> throw ClerkErrors.invalid("order_by", "users cannot be ordered by " + field);
        };
    }

    private static long between(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw ClerkErrors.invalid(name, "%s must be from %d to %d".formatted(name, least, most));
        }
        return value;
    }

    private SandboxResponse count(Call call) {
        long count = ClerkUserFilter.of(call).apply(users.values().stream()).count();
        return ok(Json.of("object", "total_count", "total_count", count));
    }

    private SandboxResponse create(Call call) {
        JsonObject asked = call.json();
        for (Object email : asked.getJsonArray("email_address", new JsonArray())) {
            if (!String.valueOf(email).contains("@")) {
                throw new RefusedException(ClerkErrors.parameter(
                        422, "form_param_format_invalid", "email_address must be an address", "email_address"));
            }
        }
        if (users.size() >= settings.number("user_quota")) {
            return ClerkErrors.of(403, "user_quota_exceeded", "the instance has reached its quota of users", null);
        }
        StoreFullException.check("Clerk users", users.size(), maxRecords);
        created++;
        return ok(add("user_" + ++lastId, asked));
    }

    private JsonObject add(String id, JsonObject asked) {
        Map<String, String> claimed = claim(id, asked);
        long now = clock.millis();
        JsonArray emails = new JsonArray();
        int index = 0;
        for (Object email : asked.getJsonArray("email_address", new JsonArray())) {
            emails.add(email("idn_" + id + "_" + ++index, String.valueOf(email), now));
        }
        JsonObject user = Json.of(
                "object",
                "user",
                "id",
                id,
                "external_id",
                asked.getString("external_id"),
                "username",
                asked.getString("username"),
                "first_name",
                asked.getString("first_name"),
                "last_name",
                asked.getString("last_name"),
                "primary_email_address_id",
                emails.isEmpty() ? null : emails.getJsonObject(0).getString("id"),
                "email_addresses",
                emails,
                "phone_numbers",
                new JsonArray(),
                "web3_wallets",
                new JsonArray(),
                "passkeys",
                new JsonArray(),
                "external_accounts",
                new JsonArray(),
                "saml_accounts",
                new JsonArray(),
                "enterprise_accounts",
                new JsonArray(),
                "has_image",
                false,
                "banned",
                false,
                "locked",
                false,
                "password_enabled",
                asked.containsKey("password"),
                "two_factor_enabled",
                false,
                "totp_enabled",
                false,
                "backup_code_enabled",
                false,
                "delete_self_enabled",
                true,
                "create_organization_enabled",
                true,
                "last_sign_in_at",
                null,
                "last_active_at",
                null,
                "created_at",
                now,
                "updated_at",
                now);
        Metadata.init(user, asked, Metadata.USER);
        identifiers.putAll(claimed);
        users.put(id, user);
        return user;
    }

    /**
     * The unique identifiers that a request gives to a user.
     *
     * @throws RefusedException if another user has one of them
     */
    private Map<String, String> claim(String id, JsonObject asked) {
        Map<String, String> claimed = new HashMap<>();
        for (String field : List.of("external_id", "username")) {
            if (asked.getString(field) != null) {
                claimed.put(field + ":" + asked.getString(field), id);
            }
        }
        for (Object email : asked.getJsonArray("email_address", new JsonArray())) {
            claimed.put("email_address:" + email, id);
        }
        for (String identifier : claimed.keySet()) {
            String owner = identifiers.get(identifier);
            if (owner != null && !owner.equals(id)) {
                throw ClerkErrors.taken(identifier.substring(0, identifier.indexOf(':')));
            }
        }
        return claimed;
    }

    private static JsonObject email(String id, String address, long now) {
        return Json.of(
                "object",
                "email_address",
                "id",
                id,
                "email_address",
                address,
                "reserved",
                false,
                "verification",
                Json.of("status", "verified", "strategy", "ticket"),
                "linked_to",
                new JsonArray(),
                "matches_sso_connection",
                false,
                "created_at",
                now,
                "updated_at",
                now);
    }

    static List<String> emails(JsonObject user) {
        List<String> emails = new ArrayList<>();
        for (Object email : user.getJsonArray("email_addresses")) {
            emails.add(((JsonObject) email).getString("email_address"));
        }
        return emails;
    }

    private SandboxResponse update(Call call) {
        JsonObject asked = call.json();
        String version = call.header("Clerk-API-Version");
        boolean metadataApart = version != null && version.compareTo(METADATA_APART) >= 0;
        for (String field : Metadata.USER) {
            if (metadataApart && asked.containsKey(field)) {
                return ClerkErrors.parameter(422, "form_param_unknown", field + " is not a parameter here", field);
            }
        }
        return change(call, user -> {
            Map<String, String> claimed = claim(call.parameter("user"), asked);
            for (String field : PLAIN_FIELDS) {
                if (asked.containsKey(field)) {
                    identifiers.remove(field + ":" + user.getString(field));
                    user.put(field, asked.getValue(field));
                }
            }
            identifiers.putAll(claimed);
            Metadata.replace(user, asked, Metadata.USER);
        });
    }

    private SandboxResponse change(Call call, Consumer<JsonObject> change) {
        JsonObject user = user(call);
        change.accept(user);
        user.put("updated_at", Math.max(clock.millis(), user.getLong("updated_at") + 1));
        return ok(user);
    }

    private SandboxResponse delete(Call call) {
        JsonObject user = user(call);
        String id = user.getString("id");
        users.remove(id);
        identifiers.values().removeIf(id::equals);
        JsonObject answer = Json.of("object", "user", "id", id, "deleted", true);
        if (user.getString("external_id") != null) {
            answer.put("external_id", user.getString("external_id"));
        }
        return ok(answer);
    }

    JsonObject summary() {
        return Json.of("users", users.size(), "users_created", created);
    }

    JsonObject details() {
        return Json.of("users", users.values().stream().map(JsonObject::copy).collect(Json.toArray()));
    }

    void reset() {
        users.clear();
        identifiers.clear();
        created = 0;
        seed();
    }
}
