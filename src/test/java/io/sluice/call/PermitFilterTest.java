package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.client.ClientRequestContext;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.client.impl.RestClientRequestContext;
import org.junit.jupiter.api.Test;

/** The way of a call from an interface method's parameter to the permit filter; WaitingTest takes it whole. */
class PermitFilterTest {
    /** The REST client's generated code puts a method's parameters there: a change of it must not pass unnoticed. */
    @Test
    void the_parameters_have_the_name_that_the_client_gives_them() {
        assertThat(RestClientRequestContext.INVOKED_METHOD_PARAMETERS_PROP)
                .isEqualTo("io.quarkus.rest.client.invokedMethodParameters");
    }

    @Test
    void a_method_whose_first_parameter_is_no_call_sends_nothing() {
        PermitFilter filter = new PermitFilter();

        for (Map<String, Object> properties : List.<Map<String, Object>>of(
                Map.of(),
                Map.of(RestClientRequestContext.INVOKED_METHOD_PARAMETERS_PROP, List.of()),
                Map.of(RestClientRequestContext.INVOKED_METHOD_PARAMETERS_PROP, List.of("call")))) {
            assertThatThrownBy(() -> filter.filter(request(properties))).isInstanceOf(IllegalStateException.class);
        }
    }

    private static ClientRequestContext request(Map<String, Object> properties) {
        return (ClientRequestContext) Proxy.newProxyInstance(
                PermitFilterTest.class.getClassLoader(),
                new Class<?>[] {ClientRequestContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getProperty" -> properties.get(String.valueOf(arguments[0]));
                    default -> throw new AssertionError(method);
                });
    }
}
