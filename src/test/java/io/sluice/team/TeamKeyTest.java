package io.sluice.team;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TeamKeyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Authorization|Bearer k",
                "authorization|bearer   k ",
                "Authorization|BEARER k",
                "apikey|k",
                "APIKEY| k ",
                "X-Api-Key|k",
                "x-api-key|k"
            })
    void the_key_is_found_where_sdks_put_it(String header, String value) {
        assertThat(TeamKey.in(headers(header, value))).contains("k");
    }

    @Test
    void the_key_is_the_password_or_the_user_where_there_is_none() {
        assertThat(TeamKey.in(headers("Authorization", basic("site:k")))).contains("k");
        assertThat(TeamKey.in(headers("Authorization", basic("k:")))).contains("k");
        assertThat(TeamKey.in(headers("Authorization", basic("k")))).contains("k");
        assertThat(TeamKey.in(headers("Authorization", basic(":k")))).contains("k");
        assertThat(TeamKey.in(headers("Authorization", basic("site:k:with:colons"))))
                .contains("k:with:colons");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "Bearer", "Bearer ", "Basic", "Basic %%%", "Basic Og==", "Digest k", "Token k"})
    void what_is_no_credential_of_ours_is_none(String authorization) {
        assertThat(TeamKey.in(headers("Authorization", authorization))).isEmpty();
    }

    @Test
    void an_authorization_that_is_none_leaves_it_to_the_other_headers() {
        MultiMap headers = headers("Authorization", "Digest x").add("X-Api-Key", "k");

        assertThat(TeamKey.in(headers)).contains("k");
        assertThat(TeamKey.in(headers("apikey", " "))).isEmpty();
        assertThat(TeamKey.in(MultiMap.caseInsensitiveMultiMap())).isEmpty();
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
