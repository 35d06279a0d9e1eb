package io.sluice.saas;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.AttemptTracked;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.PermitFilter;
import io.sluice.call.PermitRetryHandler;
import io.sluice.call.failure.AttemptFailedException;
import io.sluice.call.failure.UnexecutedException;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.faulttolerance.api.BeforeRetry;
import io.smallrye.faulttolerance.api.ExponentialBackoff;
import io.smallrye.faulttolerance.api.RateLimit;
import jakarta.ws.rs.core.Response;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every method of every vendor interface, and for every route that leads to one. */
class VendorContractTest {
    private static final List<String> VENDORS =
            List.of("clari.Clari", "clerk.Clerk", "customerio.Customerio", "fathom.Fathom");

    private static final Map<String, String> CONFIG = Map.of(
            "sluice.clari.accounts.default.api-key", "k",
            "sluice.clerk.accounts.default.secret-key", "k",
            "sluice.customerio.accounts.default.site-id", "k",
            "sluice.customerio.accounts.default.track-api-key", "k",
            "sluice.customerio.accounts.default.app-api-key", "k",
            "sluice.customerio.accounts.default.pipelines-key", "k",
            "sluice.fathom.accounts.default.api-key", "k");

    /** A route and the interface method that it was seen to lead to. */
    record Led(String mount, Operation operation, Method method) {
        @Override
        public String toString() {
            return mount + " " + operation.name() + " -> " + method.getName();
        }
    }

    static Stream<Class<?>> interfaces() throws Exception {
        List<Class<?>> interfaces = new ArrayList<>();
        for (String vendor : VENDORS) {
            for (Class<?> parameter : constructor(vendor).getParameterTypes()) {
                if (parameter.isAnnotationPresent(RegisterRestClient.class)) {
                    interfaces.add(parameter);
                }
            }
        }
        return interfaces.stream();
    }

    static Stream<Method> methods() throws Exception {
        return interfaces().flatMap(api -> Stream.of(api.getDeclaredMethods())).filter(method -> !method.isSynthetic());
    }

    static Stream<Led> routes() throws Exception {
        List<Led> led = new ArrayList<>();
        for (String vendor : VENDORS) {
            List<Method> called = new ArrayList<>();
            for (Surface surface : vendor(vendor, called).surfaces()) {
                for (Route route : surface.routes()) {
                    follow(route);
                    led.add(new Led(surface.mount(), route.operation(), called.getLast()));
                }
            }
            assertThat(called).isNotEmpty();
        }
        return led.stream();
    }

    @ParameterizedTest
    @MethodSource("interfaces")
    void every_interface_spends_a_permit_and_judges_each_attempt(Class<?> api) {
        assertThat(api.getAnnotationsByType(RegisterProvider.class))
                .extracting(RegisterProvider::value)
                .contains((Class) PermitFilter.class);
        assertThat(api).hasAnnotation(AttemptTracked.class);
        assertThat(api.getAnnotation(RegisterRestClient.class).configKey()).isNotBlank();
        assertThat(api.getAnnotation(BeforeRetry.class).value()).isEqualTo(PermitRetryHandler.class);
        assertThat(api.getAnnotation(ExponentialBackoff.class).maxDelay()).isEqualTo(5_000);
        assertThat(api.getAnnotation(Retry.class).retryOn())
                .as("a method without a policy of its own repeats what was never executed")
                .containsExactly(UnexecutedException.class);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void every_method_carries_its_whole_policy(Method method) {
        assertThat(method.getParameterTypes()).containsExactly(Call.class);
        assertThat(method.getReturnType()).isEqualTo(Response.class);
        assertThat(method.isAnnotationPresent(Timeout.class)).isTrue();
        assertThat(method.getAnnotation(Retry.class)).isNotNull();
        assertThat(method.isAnnotationPresent(BeforeRetry.class)
                        || method.isAnnotationPresent(ExponentialBackoff.class))
                .as("the type has what all methods share")
                .isFalse();
        assertThat(method.isAnnotationPresent(CircuitBreaker.class))
                .as("its breaker would be one for all accounts; the chain has one for each")
                .isFalse();
        // Clerk does not limit its public keys, and every check of a token needs them.
        assertThat(method.isAnnotationPresent(RateLimit.class))
                .isEqualTo(!method.getName().equals("jwks"));
    }

    @ParameterizedTest
    @MethodSource("routes")
    void a_route_leads_to_a_method_that_repeats_as_its_operation_may(Led led) {
        Class<?>[] repeated = led.method().getAnnotation(Retry.class).retryOn();

        switch (led.operation().retrySafety()) {
            case UNSENT_ONLY -> assertThat(repeated).containsExactly(UnexecutedException.class);
            case IDEMPOTENT ->
                assertThat(repeated).containsExactlyInAnyOrder(AttemptFailedException.class, TimeoutException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void the_method_has_the_operations_name_by_which_its_backstop_is_set(Led led) {
        assertThat(led.method().getName())
                .isEqualTo(RateLimitBackstops.methodOf(led.operation().name()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void every_method_has_a_route(Method method) throws Exception {
        assertThat(routes().map(Led::method)).contains(method);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void every_operation_uses_limits_that_its_vendor_has(Led led) throws Exception {
        String name = led.mount().split("/", 2)[0];
        Vendor vendor = VENDORS.stream()
                .filter(type -> type.startsWith(name + "."))
                .map(VendorContractTest::vendorOf)
                .findFirst()
                .orElseThrow();

        assertThat(vendor.limits().get("default"))
                .extracting(limit -> limit.name())
                .containsAll(led.operation().uses().stream()
                        .map(Operation.Use::limit)
                        .toList());
    }

    @SuppressWarnings("NullAway") // the recording proxy looks at no call
    private static void follow(Route route) throws ReflectiveOperationException {
        Field api = Route.class.getDeclaredField("api");
        api.setAccessible(true);
        Object answer = ((Function<?, ?>) api.get(route)).apply(null);
        assertThat(answer).isNull();
    }

    private static Vendor vendorOf(String type) {
        try {
            return vendor(type, new ArrayList<>());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Vendor vendor(String type, List<Method> called) throws Exception {
        return (Vendor) made(constructor(type), called, true);
    }

    /**
     * An object whose interfaces record what is called. What stands between a route and the vendor's API, such as
     * MountSubmission, is made too, but nothing that it needs in turn: no call passes it here.
     */
    @SuppressWarnings("NullAway") // no call passes it
    private static Object made(Constructor<?> constructor, List<Method> called, boolean whole) throws Exception {
        constructor.setAccessible(true);
        List<Object> arguments = new ArrayList<>();
        for (Class<?> parameter : constructor.getParameterTypes()) {
            if (parameter.isAnnotationPresent(ConfigMapping.class)) {
                arguments.add(config(parameter));
            } else if (parameter.isInterface()) {
                arguments.add(recorder(parameter, called));
            } else {
                arguments.add(whole ? made(parameter.getDeclaredConstructors()[0], called, false) : null);
            }
        }
        return constructor.newInstance(arguments.toArray());
    }

    private static Constructor<?> constructor(String type) throws ClassNotFoundException {
        return Stream.of(Class.forName("io.sluice.saas." + type).getDeclaredConstructors())
                .filter(constructor -> constructor.getParameterCount() > 0)
                .findFirst()
                .orElseThrow();
    }

    private static Object config(Class<?> mapping) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(mapping)
                .withDefaultValues(CONFIG)
                .build()
                .getConfigMapping(mapping);
    }

    @SuppressWarnings("NullAway") // nobody looks at the call
    private static Object recorder(Class<?> api, List<Method> called) {
        return Proxy.newProxyInstance(api.getClassLoader(), new Class<?>[] {api}, (proxy, method, arguments) -> {
            called.add(method);
            return null;
        });
    }
}
