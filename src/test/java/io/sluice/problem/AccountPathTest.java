package io.sluice.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.AccountId;
import io.sluice.problem.Problem.Kind;
import org.junit.jupiter.api.Test;

class AccountPathTest {
    @Test
    void names_of_an_account_are_its_identity() {
        assertThat(AccountPath.of("clari", "default")).isEqualTo(new AccountId("clari", "default"));
    }

    @Test
    void names_that_no_account_can_have_are_not_found() {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> AccountPath.of("clari/eu", "default"))
                .satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.NOT_FOUND));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> AccountPath.of("clari", ""))
                .satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.NOT_FOUND));
    }
}
