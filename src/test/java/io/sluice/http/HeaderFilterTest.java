package io.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import org.junit.jupiter.api.Test;

class HeaderFilterTest {
    @Test
    void names_that_connection_gives_stay_behind_in_any_case_and_list() {
        MultiMap caller = MultiMap.caseInsensitiveMultiMap()
                .add("connection", "close, X-One")
                .add("Connection", " x-two ,")
                .add("x-one", "1")
                .add("X-TWO", "2")
                .add("X-Three", "3");

        assertThat(HeaderFilter.toVendor(caller).keySet()).containsExactly("X-Three");
    }

    @Test
    void values_keep_their_order_and_names_are_found_in_any_case() {
        MultiMap caller = MultiMap.caseInsensitiveMultiMap().add("x-a", "1").add("x-a", "2");
        MultivaluedMap<String, String> vendor = new MultivaluedHashMap<>();
        vendor.add("content-type", "a/b");

        assertThat(HeaderFilter.toVendor(caller).get("X-A")).containsExactly("1", "2");
        assertThat(HeaderFilter.toCaller(vendor).getFirst("Content-Type")).isEqualTo("a/b");
    }

    @Test
    void lengths_stay_with_answers_and_are_made_anew_for_requests() {
        MultivaluedMap<String, String> vendor = new MultivaluedHashMap<>();
        vendor.add("Content-Length", "5");

        assertThat(HeaderFilter.toCaller(vendor)).containsKey("content-length");
        assertThat(HeaderFilter.toVendor(MultiMap.caseInsensitiveMultiMap().add("Content-Length", "5")))
                .isEmpty();
    }
}
