package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class QuotaErrorsTest {
    private static final QuotaErrors QUOTAS = new QuotaErrors(Set.of(402, 403), Set.of("quota_exceeded"));

    @Test
    void match_by_status_and_whole_code() {
        String body = "{\"errors\":[{\"code\":\"quota_exceeded\"}]}";

        assertThat(QUOTAS.match(403, body)).isTrue();
        assertThat(QUOTAS.match(400, body)).isFalse();
        assertThat(QUOTAS.match(403, body.replace("quota", "user_quota"))).isFalse();
        assertThat(QUOTAS.match(403, "")).isFalse();
        assertThat(QuotaErrors.NONE.match(403, body)).isFalse();
    }
}
