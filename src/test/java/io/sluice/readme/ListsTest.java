package io.sluice.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.ThrottleCause;
import io.sluice.budget.window.Limiter;
import io.sluice.delivery.Deliveries;
import io.sluice.export.job.Export;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.webhook.Webhooks;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Closed lists of states, kinds and results in the pages, against the enums of the code. */
class ListsTest {
    @Test
    void the_states_of_exports_and_their_parts() {
        Page page = Page.of("exports.md");

        assertThat(page.names("of an export"))
                .containsExactlyElementsOf(all(Export.State.values(), Export.State::code));
        assertThat(page.named("A part is")).containsExactlyElementsOf(all(JobState.Name.values(), JobState.Name::code));
    }

    @Test
    void the_kinds_of_failed_parts() {
        assertThat(Page.of("exports.md").names("kind"))
                .containsExactlyElementsOf(all(JobProblem.Kind.values(), JobProblem.Kind::code));
    }

    @Test
    void the_states_of_deliveries() {
        assertThat(Page.of("deliveries.md").named("An operation of a delivery is"))
                .containsExactlyElementsOf(lowerCase(Deliveries.State.values()));
    }

    @Test
    void the_limiters_and_the_causes_of_429s() {
        Page page = Page.of("limits.md");

        assertThat(page.names("limiter")).containsExactlyElementsOf(lowerCase(Limiter.values()));
        assertThat(page.names("cause")).containsExactlyElementsOf(lowerCase(ThrottleCause.values()));
    }

    @Test
    void the_results_of_webhooks() {
        List<String> results = Page.of("webhooks.md").named("`sluice_webhooks_total` counts");

        assertThat(results.subList(1, results.size())).containsExactlyElementsOf(lowerCase(Webhooks.Verdict.values()));
    }

    private static <T> List<String> all(T[] values, Function<T, String> code) {
        return Stream.of(values).map(code).toList();
    }

    private static List<String> lowerCase(Enum<?>[] values) {
        return Stream.of(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
