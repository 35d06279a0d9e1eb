package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.http.HeaderFilter;
import io.sluice.readme.Page;
import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of headers in the page about security: what they list does not pass, and other headers do. */
public class DocumentedHeadersTest {
    private static final String OTHER = "X-Other";

    private final Page page = Page.of("security.md");

    @Test
    void the_vendor_gets_none_of_the_headers_that_are_dropped_on_the_way_to_it() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add(OTHER, "passes");
        dropped("dropped on the way to the vendor").forEach(header -> headers.add(header, "secret"));
        int sent = headers.size();

        assertThat(sent).isGreaterThan(20);
        assertThat(HeaderFilter.toVendor(headers)).containsOnlyKeys(OTHER);
    }

    @Test
    void the_caller_gets_none_of_the_headers_that_are_dropped_on_the_way_to_it() {
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.add(OTHER, "passes");
        dropped("dropped on the way to the caller").forEach(header -> headers.add(header, "elsewhere"));

        assertThat(headers).hasSizeGreaterThan(3);
        assertThat(HeaderFilter.toCaller(headers)).containsOnlyKeys(OTHER);
    }

    private List<String> dropped(String firstHeader) {
        return page.table(firstHeader).stream()
                .flatMap(row -> Page.code(row.getFirst()).stream())
                .toList();
    }
}
