package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.window.Limit;
import io.sluice.call.Account;
import io.sluice.call.Credential;
import io.sluice.call.Target;
import io.sluice.gateway.Mounts.MountMatch;
import io.sluice.saas.ErrorShape;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountsTest {
    private record Named(String name, List<Surface> surfaces) implements Vendor {
        @Override
        public Map<String, List<Limit>> limits() {
            return Map.of();
        }

        @Override
        public Map<String, List<Limit>> documentedLimits() {
            return Map.of();
        }

        @Override
        public Map<String, OperationConfig> operations() {
            return Map.of();
        }
    }

    private static final List<Vendor> VENDORS = List.of(
            new Named("clerk", List.of(surface("clerk"))),
            new Named("customerio", List.of(surface("customerio/track"), surface("customerio/app"))));

    private static final Mounts MOUNTS = new Mounts(
            VENDORS,
            Configured.hosts(Map.of("Track.Sluice.internal", "customerio@eu/track", "clerk.internal", "clerk")));

    @ParameterizedTest
    @CsvSource({
        "/clerk/v1/users,clerk,default,/clerk,/v1/users",
        "/clerk@eu/v1/users?a=%2F,clerk,eu,/clerk@eu,/v1/users?a=%2F",
        "/clerk,clerk,default,/clerk,/",
        "/clerk@,clerk,'',/clerk@,/",
        "/clerk@a@b/x,clerk,a@b,/clerk@a@b,/x",
        "/customerio/track/api/v1/x,customerio/track,default,/customerio/track,/api/v1/x",
        "/customerio@eu/app/v1/x,customerio/app,eu,/customerio@eu/app,/v1/x",
        "/customerio/app,customerio/app,default,/customerio/app,/"
    })
    void a_path_names_surface_and_account(String path, String mount, String account, String prefix, String rest) {
        MountMatch mounted =
                MOUNTS.find("sluice.example:8080", Target.parse(path)).orElseThrow();

        assertThat(mounted.surface().mount()).isEqualTo(mount);
        assertThat(mounted.account()).isEqualTo(account);
        assertThat(mounted.prefix()).isEqualTo(prefix);
        assertThat(mounted.target()).hasToString(rest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/api/limits",
                "/clerks/v1",
                "/CLERK/v1",
                "/customerio",
                "/customerio/",
                "/customerio/pipelines/x",
                "/customerio/track@eu/x",
                "/x/clerk"
            })
    void other_paths_lead_nowhere(String path) {
        assertThat(MOUNTS.find("sluice.example", Target.parse(path))).isEmpty();
        assertThat(MOUNTS.find(null, Target.parse(path))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"track.sluice.internal", "TRACK.sluice.Internal"})
    void a_host_name_stands_for_a_mount_in_any_case(String host) {
        MountMatch mounted = MOUNTS.find(host, Target.parse("/clerk/v1")).orElseThrow();

        assertThat(mounted.surface().mount()).isEqualTo("customerio/track");
        assertThat(mounted.account()).isEqualTo("eu");
        assertThat(mounted.prefix()).isEmpty();
        assertThat(mounted.target()).hasToString("/clerk/v1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sluice.internal", "a.track.sluice.internal", "[::1]", ""})
    void other_hosts_leave_it_to_the_path(String host) {
        assertThat(MOUNTS.find(host, Target.parse("/nothing"))).isEmpty();
        assertThat(MOUNTS.find(host, Target.parse("/clerk/v1")).map(MountMatch::prefix))
                .contains("/clerk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"clerks", "customerio", "customerio/track/x", "/clerk", ""})
    void a_host_for_a_mount_that_is_not_there_stops_the_start(String mount) {
        assertThatThrownBy(() -> new Mounts(VENDORS, Configured.hosts(Map.of("h.internal", mount))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("sluice.hosts.\"h.internal\": there is no mount ")
                .hasMessageEndingWith("there are [clerk, customerio/app, customerio/track]");
    }

    @Test
    void the_mounts_have_names_in_order() {
        assertThat(MOUNTS.names()).containsExactly("clerk", "customerio/app", "customerio/track");
    }

    private static Surface surface(String mount) {
        return new Surface(
                "some",
                mount,
                Map.of("default", account("default"), "eu", account("eu")),
                List.of(),
                (operation, status, headers) -> LimitFeedback.NONE,
                (refusal, target) -> new ErrorShape.Body("text/plain", ""));
    }

    private static Account account(String name) {
        return new Account(
                new AccountId("some", name), URI.create("https://vendor.example"), Credential.bearer("secret"));
    }
}
