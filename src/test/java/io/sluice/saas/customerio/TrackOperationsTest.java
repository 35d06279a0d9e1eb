package io.sluice.saas.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.Target;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrackOperationsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PUT | customers/42 | {"a":1,"_update":true} | {"type":"person","identifiers":{"id":"42"},"action":"identify","attributes":{"a":1,"_update":true}}
                    PUT | customers/42 | {"_timestamp":7} | {"type":"person","identifiers":{"id":"42"},"action":"identify","attributes":{},"timestamp":7}
                    PUT | customers/a%2Bb@c.d | {} | {"type":"person","identifiers":{"email":"a+b@c.d"},"action":"identify","attributes":{}}
                    PUT | customers/cio_03000001 | {} | {"type":"person","identifiers":{"cio_id":"03000001"},"action":"identify","attributes":{}}
                    DELETE | customers/42 | {} | {"type":"person","identifiers":{"id":"42"},"action":"delete"}
                    POST | customers/42/events | {"name":"n"} | {"type":"person","identifiers":{"id":"42"},"action":"event","name":"n"}
                    POST | customers/42/events | {"name":"/p","type":"page","data":{"a":1}} | {"type":"person","identifiers":{"id":"42"},"action":"page","name":"/p","attributes":{"a":1}}
                    POST | customers/42/events | {"name":"s","type":"screen","id":"x","timestamp":7} | {"type":"person","identifiers":{"id":"42"},"action":"screen","name":"s","id":"x","timestamp":7}
                    POST | events | {"name":"n","anonymous_id":"a","data":{}} | {"type":"person","anonymous_id":"a","action":"event","name":"n","attributes":{}}
                    PUT | customers/42/devices | {"device":{"id":"d","platform":"ios"}} | {"type":"person","identifiers":{"id":"42"},"action":"add_device","device":{"id":"d","platform":"ios"}}
                    DELETE | customers/42/devices/d%2F1 | {} | {"type":"person","identifiers":{"id":"42"},"action":"delete_device","device":{"id":"d/1"}}
                    POST | customers/42/suppress | {} | {"type":"person","identifiers":{"id":"42"},"action":"suppress"}
                    POST | customers/42/unsuppress | {} | {"type":"person","identifiers":{"id":"42"},"action":"unsuppress"}
                    """)
    void says_in_version_2_what_version_1_says(String method, String path, String body, String operation) {
        assertThat(translated(method, path, body)).hasValue(List.of(json(operation)));
    }

    @Test
    void relationships_are_added_with_the_person_and_deleted_after_it() {
        String object = "{\"identifiers\":{\"object_type_id\":\"1\",\"object_id\":\"acme\"}}";
        String person = "\"type\":\"person\",\"identifiers\":{\"id\":\"42\"}";
        String add = "{\"cio_relationships\":{\"action\":\"add_relationships\",\"relationships\":[" + object + "]}}";

        assertThat(translated("PUT", "customers/42", add))
                .hasValue(List.of(json("{" + person
                        + ",\"action\":\"identify\",\"attributes\":{},\"cio_relationships\":[" + object + "]}")));
        assertThat(translated("PUT", "customers/42", add.replace("add_", "delete_")))
                .hasValue(List.of(
                        json("{" + person + ",\"action\":\"identify\",\"attributes\":{}}"),
                        json("{" + person + ",\"action\":\"delete_relationships\",\"cio_relationships\":[" + object
                                + "]}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POST | customers/42/events | {}
                    POST | customers/42/events | {"name":"n","type":"purchase"}
                    POST | customers/42/events | {"name":"n","recipient":"somebody"}
                    POST | customers/42/events | {"name":"n","data":"text"}
                    POST | events | {"name":"n","type":"page","anonymous_id":"a"}
                    PUT | customers/42/devices | {"device":"d"}
                    PUT | customers/42 | {"cio_relationships":{"action":"swap","relationships":[]}}
                    """)
    void what_version_2_has_no_words_for_is_not_translated(String method, String path, String body) {
        assertThat(translated(method, path, body)).isEmpty();
    }

    private static Optional<List<ObjectNode>> translated(String method, String path, String body) {
        return TrackOperations.of(method, Target.parse("/api/v1/" + path).names(), json(body));
    }

    private static ObjectNode json(String text) {
        return CustomerioJson.object(text.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }
}
