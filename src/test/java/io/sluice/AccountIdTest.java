package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountIdTest {
    @Test
    void its_text_is_vendor_and_account() {
        assertThat(new AccountId("clerk", "default")).hasToString("clerk/default");
    }

    @ParameterizedTest
    @ValueSource(strings = {"clerk/default", "a/b", "customerio/eu.west-1", "clari/team@acme", "clari/north/south"})
    void the_text_leads_back_to_it(String text) {
        assertThat(AccountId.parse(text)).hasToString(text);
    }

    @Test
    void an_account_that_has_a_slash_in_its_name_is_read_back_as_it_was() {
        AccountId id = new AccountId("clari", "north/south");

        assertThat(AccountId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clerk", "/", "/default", "clerk/"})
    void a_text_that_names_no_account_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccountId.parse(text))
                .withMessage("an account is named as vendor/account: '" + text + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clerk/eu", "/"})
    void a_vendor_without_a_name_or_with_a_slash_in_it_is_refused(String vendor) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccountId(vendor, "default"))
                .withMessage("a vendor's name must not be empty and must have no slash: '" + vendor + "'");
    }

    @Test
    void an_account_without_a_name_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccountId("clerk", ""))
                .withMessage("an account's name must not be empty: an account of clerk");
    }
}
