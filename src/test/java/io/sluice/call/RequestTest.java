package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import java.io.InputStream;
import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where calls follow a vendor that redirects them, and with what. */
class RequestTest {
    private static final URI US = URI.create("https://track.vendor.example");
    private static final URI EU = URI.create("https://track-eu.vendor.example/base");
    private static final Account ACCOUNT =
            new Account(new AccountId("vendor", "default"), US, Credential.bearer("secret"), Set.of(US, EU));
    private static final Body BODY = new Body.Buffered(new byte[] {1});

    private final Request post = new Request(URI.create(US + "/v1/a?x=%20"), "POST", BODY);

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void method_and_body_are_kept(int status) {
        assertThat(post.redirected(ACCOUNT, status, EU + "/v1/a?x=%20#part"))
                .contains(new Request(URI.create(EU + "/v1/a?x=%20"), "POST", BODY, 1));
    }

    @Test
    void see_other_asks_for_a_read() {
        assertThat(post.redirected(ACCOUNT, 303, "/v1/b"))
                .contains(new Request(URI.create(US + "/v1/b"), "GET", new Body.None(), 1));
        assertThat(new Request(post.uri(), "HEAD", new Body.None()).redirected(ACCOUNT, 303, "b"))
                .contains(new Request(URI.create(US + "/v1/b"), "HEAD", new Body.None(), 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/v1/a",
                "https://track.vendor.example.evil.example/v1/a",
                "https://track.vendor.example@evil.example/v1/a",
                "https://user@track.vendor.example/v1/a",
                "https://track.vendor.example:8443/v1/a",
                "http://track.vendor.example/v1/a",
                "//evil.example/v1/a",
                "https://track-eu.vendor.example/other/a",
                "https://track-eu.vendor.example/base/../other/a",
                "https://track-eu.vendor.example/base/%2e%2e/other/a",
                "https://track.vendor.example",
                "https://[broken",
                "",
                "https://track.vendor.example/a b"
            })
    void nobody_else_is_followed(String location) {
        assertThat(post.redirected(ACCOUNT, 307, location)).isEmpty();
    }

    @Test
    void a_body_that_has_gone_is_not_left_behind() {
        Request streamed = new Request(post.uri(), "POST", new Body.Streaming(InputStream.nullInputStream(), 10));

        assertThat(streamed.redirected(ACCOUNT, 307, "/v1/b")).isEmpty();
        assertThat(streamed.redirected(ACCOUNT, 303, "/v1/b")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 300, 304, 305, 400})
    void other_answers_redirect_nobody(int status) {
        assertThat(post.redirected(ACCOUNT, status, "/v1/b")).isEmpty();
    }

    @Test
    void a_vendor_that_redirects_nobody_is_not_followed() {
        Account plain = new Account(new AccountId("vendor", "default"), US, Credential.bearer("secret"));

        assertThat(post.redirected(plain, 307, "/v1/b")).isEmpty();
    }
}
