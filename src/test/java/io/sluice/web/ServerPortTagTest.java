package io.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerPortTagTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    ServerPortTagTest() {
        registry.config().meterFilter(new ServerPortTag().ports());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http.server.bytes.read", "http.server.active.connections", "http.server.active.requests"})
    void a_servers_meters_have_a_port_whether_it_is_fixed_or_not(String name) {
        assertThat(registry.counter(name).getId().getTag("server.port")).isEqualTo("any");
        assertThat(registry.counter(name, "server.port", "9000").getId().getTag("server.port"))
                .isEqualTo("9000");
    }

    @Test
    void other_meters_stay_as_they_are() {
        assertThat(registry.counter("http.server.requests", "uri", "/").getId().getTags())
                .hasSize(1);
    }
}
