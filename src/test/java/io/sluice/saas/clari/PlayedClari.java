package io.sluice.saas.clari;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.budget.window.Limiter;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.saas.LimitConfig;
import io.sluice.saas.OperationConfig;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A configuration of one Clari organization, without any properties. */
final class PlayedClari {
    private PlayedClari() {}

    /** The account {@code default}, with those limits. */
    static ClariConfig config(Map<String, LimitConfig> limits) {
        record Account(URI url, String apiKey, Map<String, LimitConfig> limits) implements ClariConfig.Account {}
        record Config(
                Map<String, ClariConfig.Account> accounts,
                Map<String, OperationConfig> operations,
                Set<String> doneStates)
                implements ClariConfig {}
        return new Config(
                Map.of("default", new Account(URI.create("http://vendor"), "secret", limits)),
                Map.of(),
                Set.of("DONE"));
    }

    /** A limit of which only the permits are configured. */
    static LimitConfig permits(int permits) {
        record Permits(
                OptionalInt permits,
                Optional<Duration> window,
                Optional<Limiter> limiter,
                OptionalInt burst,
                Optional<Duration> tick)
                implements LimitConfig {}
        return new Permits(
                OptionalInt.of(permits), Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.empty());
    }

    /** The interface, for classes that make their calls through a sender: no method of it is called. */
    static ClariApi api() {
        return (ClariApi) Proxy.newProxyInstance(
                ClariApi.class.getClassLoader(), new Class<?>[] {ClariApi.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method + " was called");
                });
    }

    /** The response of {@code /admin/limits}. */
    static Result answer(AdminLimits.LimitsReport report) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ObjectNode jobs = answer.putObject("jobs");
        jobs.put("concurrentLimit", report.slots());
        jobs.put("availableConcurrentLimit", report.slots() - report.taken());
        jobs.put("monthlyQuota", report.quota());
        jobs.put("availableMonthlyQuota", report.quotaLeft());
        ArrayNode running = jobs.putArray("runningJobIds");
        report.jobs().forEach(running::add);
        byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
        return new Result.Answered(
                VendorResponse.of(200, new MultivaluedHashMap<>(), new ByteArrayInputStream(body)), false);
    }
}
