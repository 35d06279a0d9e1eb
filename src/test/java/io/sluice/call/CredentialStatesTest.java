package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.CapturedLog;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CredentialStatesTest {
    private final CredentialStates states = new CredentialStates();

    @RegisterExtension
    final CapturedLog log = CapturedLog.of(CredentialStates.class);

    private final Call track = call("https://track.example", Credential.basic("site", "key"));
    private final Call app = call("https://app.example", Credential.bearer("token"));

    @Test
    void says_once_that_a_credential_is_refused_until_it_works_again() {
        assertThat(states.refuses(track, status(401))).isTrue();
        assertThat(states.refuses(track, status(401))).isTrue();
        assertThat(states.refused(new AccountId("vendor", "a"))).isTrue();
        assertThat(levels()).hasSize(1).allMatch(level -> level.startsWith("WARN"));

        assertThat(states.refuses(track, status(200))).isFalse();
        states.refuses(track, status(200));
        assertThat(states.refused(new AccountId("vendor", "a"))).isFalse();
        assertThat(levels()).hasSize(2).last().isEqualTo("INFO");

        states.refuses(track, status(401));
        assertThat(levels()).hasSize(3);
    }

    @Test
    void surfaces_that_were_made_apart_share_the_state_of_a_credential() {
        Call apart = call("https://track.example", Credential.basic("site", "key"));
        Call otherKey = call("https://track.example", Credential.basic("site", "other"));

        states.refuses(track, status(401));
        states.refuses(apart, status(401));
        states.refuses(otherKey, status(200));
        assertThat(states.refused(new AccountId("vendor", "a"))).isTrue();
        assertThat(log.records()).hasSize(1);

        states.refuses(apart, status(200));
        assertThat(states.refused(new AccountId("vendor", "a"))).isFalse();
    }

    @Test
    void what_tells_nothing_of_the_credential_changes_nothing() {
        states.refuses(track, status(401));
        for (int status : new int[] {301, 403, 404, 422, 429, 500, 503}) {
            assertThat(states.refuses(track, status(status))).isFalse();
        }

        assertThat(states.refused(new AccountId("vendor", "a"))).isTrue();
        assertThat(levels()).hasSize(1);
    }

    @Test
    void an_account_works_again_when_all_of_its_credentials_do() {
        states.refuses(track, status(401));
        states.refuses(app, status(401));

        states.refuses(track, status(200));
        assertThat(states.refused(new AccountId("vendor", "a"))).isTrue();
        states.refuses(app, status(200));

        assertThat(states.refused(new AccountId("vendor", "a"))).isFalse();
        assertThat(states.refused(new AccountId("vendor", "b"))).isFalse();
    }

    @Test
    void a_link_that_has_expired_is_no_refused_credential() {
        assertThat(states.refuses(call("https://files.example", Credential.none()), status(401)))
                .isFalse();
    }

    private static VendorResponse status(int status) {
        return VendorResponse.of(status, new MultivaluedHashMap<>(), InputStream.nullInputStream());
    }

    private static Call call(String url, Credential credential) {
        return CallBuilder.of("GET", "/x")
                .account(new Account(new AccountId("vendor", "a"), URI.create(url), credential))
                .make();
    }

    private List<String> levels() {
        return log.records().stream().map(line -> line.getLevel().getName()).toList();
    }
}
