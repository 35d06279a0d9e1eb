package io.sluice.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestKeyTest {
    private static final Set<String> KEYS = Set.of(
            "sluice.store",
            "sluice.data-dir",
            "sluice.exports.first-poll",
            "sluice.exports.max-poll",
            "sluice.hosts.*",
            "sluice.clari.accounts.*.api-key",
            "sluice.clerk.accounts.*.secret-key",
            "sluice.clerk.accounts.*.limits.*.permits");

    @ParameterizedTest
    @CsvSource({
        "sluice.stroe, sluice.store",
        "sluice.exports.first-pol, sluice.exports.first-poll",
        "sluice.cleerk.accounts.eu.secret-key, sluice.clerk.accounts.eu.secret-key",
        "sluice.clerk.accounts.eu.secret-kye, sluice.clerk.accounts.eu.secret-key",
        "sluice.clerk.account.eu.limits.instance.permit, sluice.clerk.accounts.eu.limits.instance.permits",
        // As an environment variable says it: every dash is a dot.
        "sluice.data.dri, sluice.data-dir",
        "sluice.cleerk.accounts.eu.secret.key, sluice.clerk.accounts.eu.secret-key"
    })
    void a_misspelt_key_finds_the_one_that_was_meant(String misspelt, String meant) {
        assertThat(NearestKey.of(misspelt, KEYS)).contains(meant);
    }

    @Test
    void a_quoted_name_is_one_name() {
        assertThat(NearestKey.of("sluice.host.\"track.sluice.example\"", KEYS))
                .contains("sluice.hosts.\"track.sluice.example\"");
    }

    @ParameterizedTest
    @CsvSource({"sluice.something-else-entirely", "sluice.clerk.accounts.eu.colour-of-the-sky", "sluice.a.b.c.d.e.f.g"})
    void a_key_that_is_far_from_all_finds_none(String key) {
        assertThat(NearestKey.of(key, KEYS)).isEmpty();
    }
}
