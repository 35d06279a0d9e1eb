package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.export.job.Exporter.InvalidRequestException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class JsonChecksTest {
    private final ObjectNode given = JsonNodeFactory.instance
            .objectNode()
            .put("name", "abc")
            .put("blank", " ")
            .put("number", 1);

    @Test
    void a_field_that_does_not_exist_is_refused_with_those_that_do() {
        JsonChecks.checkFields(given, "", List.of("name", "blank", "number"));

        assertRefused(
                () -> JsonChecks.checkFields(given, "options.", List.of("number", "name")),
                "there is no field options.blank; there are [number, name]");
    }

    @Test
    void an_object_is_an_object_or_absent() {
        JsonChecks.checkObject(given, "given");
        JsonChecks.checkObject(given.path("absent"), "absent");

        assertRefused(() -> JsonChecks.checkObject(given.path("name"), "name"), "name must be an object");
    }

    @Test
    void a_text_is_neither_blank_nor_too_long_nor_a_number() {
        assertThat(JsonChecks.text(given, "name", 3)).isEqualTo("abc");

        for (String name : List.of("blank", "number", "absent")) {
            assertRefused(() -> JsonChecks.text(given, name, 3), name + " must be a text of 1 to 3 characters");
        }
        assertRefused(() -> JsonChecks.text(given, "name", 2), "name must be a text of 1 to 2 characters");
    }

    @Test
    void a_choice_is_one_of_those_allowed_or_the_default() {
        assertThat(JsonChecks.oneOf(given, "name", List.of("abc"), "x")).isEqualTo("abc");
        assertThat(JsonChecks.oneOf(given, "absent", List.of("abc"), "x")).isEqualTo("x");

        assertRefused(() -> JsonChecks.oneOf(given, "number", List.of("1"), "x"), "number is one of [1]: 1");
        assertRefused(() -> JsonChecks.oneOf(given, "name", List.of("b", "a"), "x"), "name is one of [b, a]: \"abc\"");
    }

    private static void assertRefused(ThrowingCallable check, String detail) {
        assertThatThrownBy(check).isInstanceOf(InvalidRequestException.class).hasMessage(detail);
    }
}
