package io.sluice.sandbox;

import static io.sluice.sandbox.SandboxServer.CLERK;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.sandbox.http.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClerkStandInTest {
    private static final String USERS = "/sandbox/clerk/v1/users";

    private final SandboxServer sandbox = SandboxServer.start("clerk.users", "0");

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private String create(String externalId) {
        return sandbox.post(USERS, Json.of("external_id", externalId), CLERK)
                .json()
                .getString("id");
    }

    @Test
    void a_created_user_can_be_read_and_a_deleted_one_not() {
        SandboxServer.Reply created = sandbox.post(
                USERS,
                Json.of("email_address", Json.array("ada@example.com"), "external_id", "42", "first_name", "Ada"),
                CLERK);
        String id = created.json().getString("id");

        assertThat(created.status()).isEqualTo(200);
        assertThat(created.header("content-type")).isEqualTo("application/json");
        assertThat(sandbox.get(USERS + "/" + id, CLERK).json()).isEqualTo(created.json());
        assertThat(sandbox.send("DELETE", USERS + "/" + id, null, CLERK).json())
                .isEqualTo(Json.of("object", "user", "id", id, "deleted", true, "external_id", "42"));
        SandboxServer.Reply gone = sandbox.get(USERS + "/" + id, CLERK);
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.json().getJsonArray("errors").getJsonObject(0).getString("code"))
                .isEqualTo("resource_not_found");
        assertThat(gone.json().getString("clerk_trace_id")).isNotBlank();
    }

    @Test
    void identifiers_are_unique_until_their_user_is_deleted() {
        String first = create("42");

        SandboxServer.Reply second = sandbox.post(USERS, Json.of("external_id", "42"), CLERK);

        assertThat(second.status()).isEqualTo(422);
        JsonObject error = second.json().getJsonArray("errors").getJsonObject(0);
        assertThat(error.getString("code")).isEqualTo("form_identifier_exists");
        assertThat(error.getJsonObject("meta").getString("param_name")).isEqualTo("external_id");
        sandbox.send("DELETE", USERS + "/" + first, null, CLERK);
        assertThat(create("42")).isNotNull();
    }

    @Test
    void metadata_is_merged_deeply_by_patch_and_replaced_by_put() {
        String metadata = USERS + "/" + create("1") + "/metadata";

        sandbox.send("PATCH", metadata, "{\"public_metadata\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}", CLERK);
        SandboxServer.Reply merged =
                sandbox.send("PATCH", metadata, "{\"public_metadata\":{\"a\":{\"b\":null,\"e\":5}}}", CLERK);
        SandboxServer.Reply replaced = sandbox.send("PUT", metadata, "{\"public_metadata\":{\"z\":1}}", CLERK);

        assertThat(merged.json().getJsonObject("public_metadata").encode())
                .isEqualTo("{\"a\":{\"c\":2,\"e\":5},\"d\":3}");
        assertThat(replaced.json().getJsonObject("public_metadata").encode()).isEqualTo("{\"z\":1}");
    }

    @Test
    void patch_takes_no_metadata_since_the_version_that_says_so() {
        String user = USERS + "/" + create("1");
        String body = "{\"public_metadata\":{\"a\":1}}";

        assertThat(sandbox.send("PATCH", user, body, CLERK, "Clerk-API-Version: 2025-11-10")
                        .status())
                .isEqualTo(200);
        assertThat(sandbox.send("PATCH", user, body, CLERK, "Clerk-API-Version: 2026-05-12")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void lists_are_paged_by_offset_and_by_cursor_newest_first() {
        for (int i = 1; i <= 5; i++) {
            create("e" + i);
            sandbox.advance(Duration.ofMillis(i % 2));
        }

        assertThat(ids(USERS + "?limit=2")).containsExactly("user_5", "user_4");
        assertThat(ids(USERS + "?limit=2&offset=2")).containsExactly("user_3", "user_2");
        assertThat(ids(USERS + "?limit=3&starting_after=user_4")).containsExactly("user_3", "user_2", "user_1");
        assertThat(ids(USERS + "?order_by=%2Bcreated_at&limit=2")).containsExactly("user_1", "user_2");
        assertThat(ids(USERS + "?user_id=user_2&user_id=user_4&user_id=nobody")).containsExactly("user_4", "user_2");
        assertThat(ids(USERS + "?external_id=e3")).containsExactly("user_3");
        assertThat(sandbox.get(USERS + "/count?external_id=e3", CLERK).json().getInteger("total_count"))
                .isEqualTo(1);
        assertThat(sandbox.get(USERS + "?limit=501", CLERK).status()).isEqualTo(422);
        assertThat(sandbox.get(USERS + "?starting_after=user_1&offset=1", CLERK).status())
                .isEqualTo(422);
    }

    private List<Object> ids(String target) {
        return sandbox.get(target, CLERK).array().stream()
                .map(user -> (Object) ((JsonObject) user).getString("id"))
                .toList();
    }

    @Test
    void the_instance_refuses_more_than_its_limit_with_whole_seconds_to_wait() {
        for (int i = 0; i < 100; i++) {
            assertThat(sandbox.get(USERS, CLERK).status()).isEqualTo(200);
        }
        sandbox.advance(Duration.ofMillis(1500));

        SandboxServer.Reply refused = sandbox.get(USERS, CLERK);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("9");
        assertThat(refused.header("X-RateLimit-Limit")).isNull();
        assertThat(refused.json().getJsonArray("errors").getJsonObject(0).getString("code"))
                .isEqualTo("too_many_requests");
        assertThat(sandbox.get("/sandbox/clerk/v1/jwks").status()).isEqualTo(200);
        assertThat(sandbox.limit("clerk", "instance").getMap())
                .containsEntry("accepted", 100)
                .containsEntry("rejected", 1)
                .containsEntry("fullest_window", 100);
        sandbox.advance(Duration.ofMillis(8500));
        assertThat(sandbox.get(USERS, CLERK).status()).isEqualTo(200);
    }

    @Test
    void updates_are_limited_per_user() {
        String one = USERS + "/" + create("1");
        String two = USERS + "/" + create("2");
        for (int i = 0; i < 10; i++) {
            assertThat(sandbox.send("PATCH", one, "{}", CLERK).status()).isEqualTo(200);
        }

        assertThat(sandbox.send("PATCH", one + "/metadata", "{}", CLERK).status())
                .isEqualTo(429);
        assertThat(sandbox.send("PATCH", two, "{}", CLERK).status()).isEqualTo(200);
    }

    @Test
    void limit_headers_can_be_switched_on() {
        sandbox.send("PUT", "/sandbox/settings/clerk", Json.of("limit_headers", true));

        SandboxServer.Reply reply = sandbox.get(USERS, CLERK);

        assertThat(reply.header("X-RateLimit-Limit")).isEqualTo("100");
        assertThat(reply.header("X-RateLimit-Remaining")).isEqualTo("99");
        assertThat(reply.header("X-RateLimit-Reset")).isEqualTo("10");
    }

    @Test
    void a_wrong_key_and_a_broken_body_are_refused_in_the_vendors_shape() {
        SandboxServer.Reply wrongKey = sandbox.get(USERS, "Authorization: Bearer sk_test_other");
        SandboxServer.Reply broken = sandbox.post(USERS, "{", CLERK);
        SandboxServer.Reply wrongType = sandbox.post(USERS, "{\"email_address\":\"text\"}", CLERK);

        assertThat(wrongKey.status()).isEqualTo(401);
        assertThat(wrongKey.json().getJsonArray("errors").getJsonObject(0).getString("code"))
                .isEqualTo("clerk_key_invalid");
        assertThat(broken.status()).isEqualTo(400);
        assertThat(wrongType.status()).isEqualTo(400);
        assertThat(sandbox.limit("clerk", "instance").getInteger("accepted")).isEqualTo(2);
    }

    @Test
    void organizations_have_members_and_invitations() {
        String user = create("1");
        String organizations = "/sandbox/clerk/v1/organizations";
        JsonObject organization = sandbox.post(
                        organizations, Json.of("name", "Acme", "slug", "acme", "created_by", user), CLERK)
                .json();
        String one = organizations + "/" + organization.getString("id");

        assertThat(sandbox.get(one + "/memberships", CLERK).json().getInteger("total_count"))
                .isEqualTo(1);
        assertThat(sandbox.get(USERS + "/" + user + "/organization_memberships", CLERK)
                        .json()
                        .getInteger("total_count"))
                .isEqualTo(1);
        assertThat(sandbox.get(organizations + "/acme", CLERK).status()).isEqualTo(200);
        JsonObject invitation = Json.of("email_address", "new@example.com", "role", "org:member");
        assertThat(sandbox.post(one + "/invitations", invitation, CLERK).status())
                .isEqualTo(200);
        assertThat(sandbox.post(one + "/invitations", invitation, CLERK).status())
                .isEqualTo(400);
        assertThat(sandbox.post(one + "/invitations/bulk", Json.array(), CLERK).status())
                .isEqualTo(422);
        assertThat(sandbox.send("DELETE", one, null, CLERK).json().getBoolean("deleted"))
                .isTrue();
        assertThat(sandbox.get(one, CLERK).status()).isEqualTo(404);
    }

    @Test
    void machine_tokens_have_their_own_path_and_key() {
        assertThat(sandbox.post("/sandbox/clerk/m2m_tokens", "{}", "Authorization: Bearer ak_sandbox_machine")
                        .status())
                .isEqualTo(201);
        assertThat(sandbox.get(USERS, "Authorization: Bearer ak_sandbox_machine")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void a_live_key_has_ten_times_the_limit() {
        try (SandboxServer live = SandboxServer.start("clerk.secret-key", "sk_live_sandbox")) {
            assertThat(live.limit("clerk", "instance").getInteger("permits")).isEqualTo(1000);
        }
    }
}
