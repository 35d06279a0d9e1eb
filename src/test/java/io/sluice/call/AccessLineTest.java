package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.ExtLogRecord.FormatStyle;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.JsonFormatter;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

class AccessLineTest {
    private static final AccessLine LINE = new AccessLine(
            "req_1",
            "sales",
            "clerk",
            "eu",
            "read-user",
            "GET",
            "/clerk/v1/users/{user_id}",
            200,
            "success",
            2,
            12.3,
            45.6,
            60.1,
            "miss");
    private static final AccessLine BARE =
            new AccessLine("own_1", null, null, null, null, "X\"\n", null, null, "cancelled", 0, 0, 0, null, null);

    @Test
    void is_an_object_with_fields_of_its_own_where_the_log_is_json() {
        String text = new AccessLineFormatter(new JsonFormatter()).format(record(LINE));

        assertThat(text.lines()).hasSize(1);
        assertThat(text).endsWith("}\n");
        JsonObject line = new JsonObject(text);
        assertThat(Instant.parse(line.getString("timestamp"))).isEqualTo(Instant.ofEpochSecond(1));
        assertThat(line.getString("level")).isEqualTo("INFO");
        assertThat(line.getString("loggerName")).isEqualTo("io.sluice.access");
        assertThat(line.getString("message")).isEqualTo("GET /clerk/v1/users/{user_id} 200");
        assertThat(line.getString("request_id")).isEqualTo("req_1");
        assertThat(line.getString("team")).isEqualTo("sales");
        assertThat(line.getString("vendor")).isEqualTo("clerk");
        assertThat(line.getString("account")).isEqualTo("eu");
        assertThat(line.getString("operation")).isEqualTo("read-user");
        assertThat(line.getString("method")).isEqualTo("GET");
        assertThat(line.getString("route")).isEqualTo("/clerk/v1/users/{user_id}");
        assertThat(line.getValue("status")).isEqualTo(200);
        assertThat(line.getString("outcome")).isEqualTo("success");
        assertThat(line.getValue("attempts")).isEqualTo(2);
        assertThat(line.getValue("queue_ms")).isEqualTo(12.3);
        assertThat(line.getValue("vendor_ms")).isEqualTo(45.6);
        assertThat(line.getValue("duration_ms")).isEqualTo(60.1);
        assertThat(line.getString("cache")).isEqualTo("miss");
    }

    @Test
    void leaves_out_what_is_absent_and_stays_json_whatever_the_method_is() {
        JsonObject line = new JsonObject(new AccessLineFormatter(new JsonFormatter()).format(record(BARE)));

        assertThat(line.getString("method")).isEqualTo("X\"\n");
        assertThat(line.fieldNames())
                .contains("outcome", "attempts")
                .doesNotContain("team", "vendor", "account", "operation", "route", "status", "duration_ms", "cache");
    }

    @Test
    void is_keys_and_values_where_the_log_is_text() {
        String text = new PatternFormatter("%s%n").format(record(LINE));

        assertThat(text.strip())
                .isEqualTo("request_id=req_1 team=sales vendor=clerk account=eu operation=read-user method=GET"
                        + " route=/clerk/v1/users/{user_id} status=200 outcome=success attempts=2 queue_ms=12.3"
                        + " vendor_ms=45.6 duration_ms=60.1 cache=miss");
    }

    @Test
    void other_lines_stay_as_they_are() {
        ExtLogRecord other = new ExtLogRecord(Level.INFO, "%s", FormatStyle.PRINTF, "x");
        other.setParameters(new Object[] {"something else"});

        assertThat(new AccessLineFormatter(new JsonFormatter()).format(other))
                .isEqualTo(new JsonFormatter().format(other));
    }

    @Test
    void nothing_is_gathered_when_it_is_off() {
        assertThat(new AccessLog(() -> false).isOn()).isFalse();
        assertThat(new AccessLog(() -> true).isOn()).isTrue();
    }

    private static ExtLogRecord record(AccessLine line) {
        ExtLogRecord record = new ExtLogRecord(Level.INFO, "%s", FormatStyle.PRINTF, "x");
        record.setParameters(new Object[] {line});
        record.setLoggerName(AccessLog.CATEGORY);
        record.setInstant(Instant.ofEpochSecond(1));
        return record;
    }
}
