package io.sluice.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.clerk.backend_api.Clerk;
import com.clerk.backend_api.models.components.User;
import com.clerk.backend_api.models.errors.ClerkError;
import com.clerk.backend_api.models.errors.ClerkErrors;
import com.clerk.backend_api.models.operations.CreateUserRequestBody;
import com.clerk.backend_api.models.operations.GetUserListRequest;
import com.clerk.backend_api.models.operations.UpdateUserMetadataRequestBody;
import com.clerk.backend_api.models.operations.UpdateUserRequestBody;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.sluice.AccountId;
import io.sluice.cache.ResponseCache;
import io.sluice.gateway.Caller;
import io.sluice.gateway.StubVendors;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Clerk's Java SDK with nothing changed but the server's URL and the key. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
@WithTestResource(value = StubVendors.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ClerkJavaTest {
    private static final String JSON = "Content-Type: application/json";

    @TestHTTPResource("/")
    URI sluice;

    @Inject
    ResponseCache cache;

    @BeforeEach
    void reset() throws IOException {
        Caller.call("POST", "/sandbox/reset");
        cache.invalidateAll(new AccountId("clerk", "default"));
    }

    @Test
    void lists_and_filters() {
        GetUserListRequest all =
                GetUserListRequest.builder().limit(2).orderBy("+created_at").build();
        GetUserListRequest some = GetUserListRequest.builder()
                .externalId(List.of("ext-1", "ext-3"))
                .build();

        assertThat(users(all)).extracting(User::id).containsExactly("user_sandbox_1", "user_sandbox_2");
        assertThat(users(some)).extracting(User::id).containsExactlyInAnyOrder("user_sandbox_1", "user_sandbox_3");
    }

    @Test
    void creates_reads_updates_and_deletes_a_user() throws IOException {
        User created = clerk().users()
                .create(CreateUserRequestBody.builder()
                        .emailAddress(List.of("ada@example.com"))
                        .firstName("Ada")
                        .externalId("ext-ada")
                        .build())
                .user()
                .orElseThrow();
        assertThat(read(created.id()).firstName()).hasValue("Ada");

        clerk().users()
                .update(
                        created.id(),
                        UpdateUserRequestBody.builder().firstName("Augusta").build());
        clerk().users()
                .updateMetadata()
                .userId(created.id())
                .requestBody(UpdateUserMetadataRequestBody.builder()
                        .publicMetadata(Map.of("plan", "pro"))
                        .build())
                .call();

        User read = read(created.id());
        assertThat(read.firstName()).hasValue("Augusta");
        assertThat(read.publicMetadata()).isEqualTo(Map.of("plan", "pro"));
        assertThat(read.emailAddresses().getFirst().emailAddress()).isEqualTo("ada@example.com");

        assertThat(clerk().users()
                        .delete(created.id())
                        .deletedObject()
                        .orElseThrow()
                        .deleted())
                .isTrue();
        assertThat(refused(() -> read(created.id())).code()).isEqualTo(404);
        assertThat(operations())
                .containsExactly(
                        "create-user",
                        "read-user",
                        "update-user",
                        "merge-user-metadata",
                        "read-user",
                        "delete-user",
                        "read-user");
    }

    @Test
    void understands_the_vendors_errors() {
        ClerkErrors missing = refused(() -> read("user_nobody"));
        assertThat(missing.code()).isEqualTo(404);
        assertThat(word(missing)).isEqualTo("resource_not_found");

        ClerkErrors taken = refused(() -> clerk().users()
                .create(CreateUserRequestBody.builder()
                        .emailAddress(List.of("user1@example.com"))
                        .build()));
        assertThat(taken.code()).isEqualTo(422);
        assertThat(word(taken)).isEqualTo("form_identifier_exists");
    }

    @Test
    void understands_that_a_key_is_wrong() throws IOException {
        Clerk stranger = Clerk.builder()
                .bearerAuth("sk_test_not_a_team")
                .serverURL(sluice + "clerk/v1")
                .build();

        ClerkErrors refused = refused(() -> stranger.users().get("user_sandbox_1"));

        assertThat(refused.code()).isEqualTo(401);
        assertThat(word(refused)).isEqualTo("authentication_invalid");
        assertThat(operations()).isEmpty();
    }

    /** It repeats what fails with 5xx for an hour, and leaves 429 to its caller. */
    @Test
    void understands_that_it_has_to_wait_and_does_not_come_again_by_itself() throws IOException {
        Caller.callWith("""
                {"vendor": "clerk", "fault": "status", "status": 429, "headers": {"Retry-After": "120"}}
                """, "POST", "/sandbox/faults", JSON);

        ClerkError throttled = catchThrowableOfType(
                ClerkError.class, () -> clerk("clerk@throttled").users().get("user_sandbox_1"));

        assertThat(throttled.code()).isEqualTo(429);
        assertThat(Long.parseLong(throttled.headers().first("Retry-After").orElseThrow()))
                .isBetween(1L, 121L);
        assertThat(new JsonObject(throttled.bodyAsString().orElseThrow())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("code"))
                .isEqualTo("too_many_requests");
        assertThat(operations()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void fetches_the_key_set() throws IOException {
        var jwks = clerk().jwks().getJWKSDirect().jwks().orElseThrow();

        assertThat(jwks.keys().orElseThrow()).hasSize(1);
        assertThat(operations()).containsExactly("jwks");
    }

    private Clerk clerk() {
        return clerk("clerk");
    }

    private Clerk clerk(String mount) {
        return Clerk.builder()
                .bearerAuth("dev-key")
                .serverURL(sluice + mount + "/v1")
                .build();
    }

    private List<User> users(GetUserListRequest request) {
        return clerk().users().list(request).userList().orElseThrow();
    }

    private User read(String id) {
        return clerk().users().get(id).user().orElseThrow();
    }

    private static ClerkErrors refused(Runnable call) {
        return catchThrowableOfType(ClerkErrors.class, call::run);
    }

    private static String word(ClerkErrors refused) {
        return refused.data()
                .map(ClerkErrors.Data::errors)
                .orElseThrow()
                .getFirst()
                .code();
    }

    /** What the sandbox was asked for, in order. */
    private static List<String> operations() throws IOException {
        JsonArray requests = new JsonArray(
                Caller.call("GET", "/sandbox/requests?vendor=clerk").body());
        return IntStream.range(0, requests.size())
                .mapToObj(i -> requests.getJsonObject(i).getString("operation"))
                .toList();
    }
}
