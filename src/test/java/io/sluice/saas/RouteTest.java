package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.budget.LimitFeedback;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {
    private static final Operation COUNT = Operation.read("count");
    private static final Operation ONE = Operation.read("one");
    private static final Operation SEARCH = Operation.read("search");
    private static final Operation READ = Operation.read("read");
    private static final Operation WRITE = Operation.write("write");

    private static final Surface SURFACE = surface(
            Route.of("GET", "/v1/users/count", COUNT, RouteTest::uncalled),
            Route.of("GET", "/v1/users/{user_id}", ONE, RouteTest::uncalled),
            Route.of("GET", "/v1/users", SEARCH, RouteTest::uncalled)
                    .when(target -> target.asks("email"))
                    .linking("next"),
            Route.anyRead(READ, RouteTest::uncalled),
            Route.any(WRITE, RouteTest::uncalled));

    @ParameterizedTest
    @CsvSource({
        "GET,/v1/users/count,count",
        "GET,/v1/users/counts,one",
        "GET,/v1/users/count/,read",
        "GET,/v1/users/u_1,one",
        "GET,/v1/users/u_1/x,read",
        "GET,/v1/users,read",
        "GET,/v1/users?email=a,search",
        "GET,/v2/users/u_1,read",
        "HEAD,/v1/users/u_1,read",
        "OPTIONS,/v1/users/u_1,read",
        "POST,/v1/users/u_1,write",
        "get,/v1/users/u_1,write",
        "PURGE,/anything,write"
    })
    void the_first_route_that_takes_method_path_and_condition_wins(String method, String path, String operation) {
        assertThat(SURFACE.match(method, Target.parse(path)).operation().name()).isEqualTo(operation);
    }

    @Test
    void each_variable_takes_one_segment_decoded() {
        Surface surface = surface(Route.of(
                "PATCH", "/v1/organizations/{organization_id}/memberships/{user_id}", WRITE, RouteTest::uncalled));

        Route.Match match = surface.match("PATCH", Target.parse("/v1/organizations/o%20_1/memberships/u_2"));

        assertThat(match.variables()).isEqualTo(Map.of("organization_id", "o _1", "user_id", "u_2"));
        assertThat(match.link()).isNull();
    }

    @Test
    void what_matches_any_path_has_no_variables() {
        assertThat(SURFACE.match("GET", Target.parse("/v9/a/b/c")).variables()).isEmpty();
    }

    @Test
    void a_condition_keeps_what_the_route_links_to() {
        assertThat(SURFACE.match("GET", Target.parse("/v1/users?email=a")).link())
                .isEqualTo("next");
        Route conditional = Route.of("GET", "/v1/users", SEARCH, RouteTest::uncalled)
                .linking("next")
                .when(target -> true);
        assertThat(surface(conditional).match("GET", Target.parse("/v1/users")).link())
                .isEqualTo("next");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/users/u_1/", "/v1/users/", "/v1/users"})
    void a_variable_is_not_found_in_a_path_of_another_length(String path) {
        Route route = Route.of("GET", "/v1/users/{user_id}/sessions", ONE, RouteTest::uncalled);

        assertThat(route.match("GET", Target.parse(path))).isEmpty();
    }

    @Test
    void a_surface_that_takes_no_such_call_says_so() {
        Surface surface = surface(Route.anyRead(READ, RouteTest::uncalled));

        assertThatThrownBy(() -> surface.match("POST", Target.parse("/v1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no route of some/thing takes POST");
    }

    private static Response uncalled(Call call) {
        throw new AssertionError("nobody calls " + call);
    }

    private static Surface surface(Route... routes) {
        return new Surface(
                "some",
                "some/thing",
                Map.of(),
                List.of(routes),
                (operation, status, headers) -> LimitFeedback.NONE,
                (refusal, target) -> new ErrorShape.Body("text/plain", ""));
    }
}
