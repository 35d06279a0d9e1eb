package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.Decision;
import io.sluice.cache.CacheStatus;
import io.sluice.call.CallMeters;
import io.sluice.problem.GatewayError;
import io.sluice.problem.Problem;
import io.sluice.readme.Page;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about troubleshooting: its tables list every problem, reason, outcome and result of the code. */
public class DocumentedProblemsTest {
    private final Page page = Page.of("troubleshooting.md");

    @Test
    void the_problems_are_those_of_the_api() {
        Map<String, String> documented = new LinkedHashMap<>();
        page.table("kind").forEach(row -> documented.put(Page.code(row.get(0)).getFirst(), row.get(1)));
        Map<String, String> actual = new LinkedHashMap<>();
        for (Problem.Kind kind : Problem.Kind.values()) {
            actual.put(kind.type().substring(Problem.TYPES.length()), String.valueOf(kind.status()));
        }

        assertThat(documented).isEqualTo(actual);
        assertThat(page.text()).contains("`" + Problem.TYPES + "`");
    }

    @Test
    void the_reasons_of_429s_are_those_of_the_budget() {
        assertThat(page.names("reason")).containsExactlyElementsOf(lowerCase(Decision.Reason.values()));
    }

    @Test
    void the_outcomes_are_those_of_calls() {
        assertThat(page.names("outcome")).containsExactlyElementsOf(lowerCase(CallMeters.Outcome.values()));
    }

    @Test
    void the_results_are_those_of_the_cache() {
        assertThat(page.names("result")).containsExactlyElementsOf(lowerCase(CacheStatus.Result.values()));
    }

    @Test
    void every_status_with_which_sluice_refuses_a_call_is_explained() {
        List<String> statuses = page.table("status").stream()
                .map(row -> row.getFirst().substring(0, 3))
                .toList();

        assertThat(statuses)
                .containsAll(Stream.of(GatewayError.Code.values())
                        .map(code -> String.valueOf(status(code)))
                        .toList())
                .contains("404", "409", "422", "499")
                .isSorted();
    }

    private static int status(GatewayError.Code code) {
        return switch (code) {
            case BAD_REQUEST -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case TOO_LARGE -> 413;
            case TOO_MANY_REQUESTS -> 429;
            case INTERNAL -> 500;
            case VENDOR_FAILED -> 502;
            case VENDOR_TIMEOUT -> 504;
        };
    }

    private static List<String> lowerCase(Enum<?>[] values) {
        return Stream.of(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
