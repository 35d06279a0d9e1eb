package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.export.job.Exporter.ContentCheck;
import io.sluice.export.job.JobProblem;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a result is of the period that was asked for. */
class PeriodCheckTest {
    private static final String JSON = "application/json;charset=utf-8";
    private static final String CSV = "text/csv";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"timePeriods\":[{\"timePeriodId\":\"2026_Q1\"}]}",
                "[{\"timePeriodId\":\"2026_Q1\"},{\"timePeriodId\":\"2025_Q4\"}]",
                "{\"entries\":[{\"timePeriodId\":\"2026_Q1\",\"v\":\"timePeriodId\"}]}"
            })
    void the_period_asked_for_is_found(String result) {
        assertThat(inPieces(JSON, result)).isEmpty();
    }

    @Test
    void another_period_is_a_mismatch_wherever_the_pieces_break() {
        String result = "{\"name\":\"Zoë \\u00e9\",\"timePeriods\":[{\"timePeriodId\":\"2026_Q3\",\"n\":1.5e3}]}";

        assertThat(inPieces(JSON, result).orElseThrow().kind()).isEqualTo(JobProblem.Kind.PERIOD_MISMATCH);
        assertThat(inPieces(JSON, result).orElseThrow().detail()).contains("2026_Q1", "2026_Q3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "null",
                "no json at all",
                "{\"timePeriodId\":5}",
                "{\"timePeriodId\":{\"id\":\"2026_Q3\"}}",
                "{\"other\":\"2026_Q3\"}",
                "{\"broken\":"
            })
    void a_result_that_names_no_period_is_not_judged(String result) {
        assertThat(inPieces(JSON, result)).isEmpty();
        assertThat(inPieces("application/octet-stream", result)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "userId,timePeriodId,value;u,2026_Q3,5; | true",
                "userId,timePeriodId,value;u,2026_Q1,5; | false",
                "timePeriodId;2026_Q3 | true",
                "timePeriodId;2026_Q1 | false",
                "'\"userId\",\"timePeriodId\";\"u\",\"2026_Q3\"' | true",
                "userId,period;u,2026_Q3 | false",
                "userId,timePeriodId;u,TEAM_QA | false",
                "userId,timePeriodId;u,x2026_Q3 | false",
                "timePeriodId;2026_Q3;2026_Q1 | false"
            })
    void a_table_is_judged_by_its_column(String table, boolean mismatch) {
        assertThat(inPieces(CSV, table.replace(";", "\n")).isPresent()).isEqualTo(mismatch);
    }

    @Test
    void the_period_counts_behind_ever_so_many_others() {
        String others = IntStream.range(2030, 2060)
                .mapToObj(year -> "{\"timePeriodId\":\"" + year + "_Q1\"}")
                .collect(Collectors.joining(","));

        assertThat(inPieces(JSON, "[" + others + ",{\"timePeriodId\":\"2026_Q1\"}]"))
                .isEmpty();
        assertThat(inPieces(JSON, "[" + others + "]")).isPresent();
    }

    /** What is found, which must not depend on where pieces end. */
    private static Optional<JobProblem> inPieces(String type, String result) {
        byte[] bytes = result.getBytes(StandardCharsets.UTF_8);
        Optional<JobProblem> whole = inPieces(type, bytes, Math.max(1, bytes.length));
        for (int size : new int[] {1, 2, 3, 7, 16}) {
            assertThat(inPieces(type, bytes, size)).as("pieces of %d", size).isEqualTo(whole);
        }
        return whole;
    }

    private static Optional<JobProblem> inPieces(String type, byte[] bytes, int size) {
        ContentCheck check = PeriodCheck.of("2026_Q1", type);
        // One buffer for all, as in production: what has passed must not be needed any more.
        byte[] buffer = new byte[size];
        for (int at = 0; at < bytes.length; at += size) {
            int length = Math.min(size, bytes.length - at);
            System.arraycopy(bytes, at, buffer, 0, length);
            check.pass(buffer, length);
        }
        return check.verdict();
    }
}
