package io.sluice.vendor;

import io.sluice.cache.CachePolicy;
import io.sluice.cache.InvalidationRule;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Which calls belong to an operation, and which interface method makes them. */
public final class Route {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    private final Predicate<String> methods;
    private final List<String> template; // empty: any path
    private final Predicate<Target> condition;
    private final Operation operation;
    private final Function<Call, Response> api;
    private final Optional<String> link;
    private final Optional<CachePolicy> caching;
    private final InvalidationRule invalidation;
    private final Optional<Batching> batching;
    private final Optional<OutcomeResolver> outcomeResolver;

    private Route(
            Predicate<String> methods,
            List<String> template,
            Predicate<Target> condition,
            Operation operation,
            Function<Call, Response> api,
            Optional<String> link,
            Optional<CachePolicy> caching,
            InvalidationRule invalidation,
            Optional<Batching> batching,
            Optional<OutcomeResolver> outcomeResolver) {
        this.methods = methods;
        this.template = template;
        this.condition = condition;
        this.operation = operation;
        this.api = api;
        this.link = link;
        this.caching = caching;
        this.invalidation = invalidation;
        this.batching = batching;
        this.outcomeResolver = outcomeResolver;
    }

    /**
     * A call that belongs to an operation.
     *
     * @param variables the path variables, decoded
     * @param api makes the call; waits for the answer's head
     * @param link the name of the value in the answer's JSON that links to the vendor itself, if there is one
     * @param caching what is kept of the answers, if anything
     * @param invalidation what the calls invalidate of what is kept, if they write
     * @param batching how calls that wait become one, if they may
     * @param outcomeResolver how to find out what became of a write that got no answer, if there is a way
     * @param template the path of the route with its variables unfilled; {@code /**} for any path
     */
    public record Match(
            Operation operation,
            Map<String, String> variables,
            Function<Call, Response> api,
            Optional<String> link,
            Optional<CachePolicy> caching,
            InvalidationRule invalidation,
            Optional<Batching> batching,
            Optional<OutcomeResolver> outcomeResolver,
            String template) {}

    /**
     * The calls of one method and path.
     *
     * @param template such as {@code /v1/users/{user_id}}: each variable takes one segment
     */
    public static Route of(String method, String template, Operation operation, Function<Call, Response> api) {
        return plain(method::equals, segments(template), target -> true, operation, api);
    }

    /** Every call that reads, whatever its path. */
    public static Route anyRead(Operation operation, Function<Call, Response> api) {
        return plain(READS::contains, List.of(), target -> true, operation, api);
    }

    /** Every call, whatever its method and path. */
    public static Route any(Operation operation, Function<Call, Response> api) {
        return plain(method -> true, List.of(), target -> true, operation, api);
    }

    private static Route plain(
            Predicate<String> methods,
            List<String> template,
            Predicate<Target> condition,
            Operation operation,
            Function<Call, Response> api) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                Optional.empty(),
                Optional.empty(),
                InvalidationRule.EVERYTHING,
                Optional.empty(),
                Optional.empty());
    }

    /** The same route for those calls only that meet a condition. */
    public Route when(Predicate<Target> met) {
        return new Route(
                methods, template, met, operation, api, link, caching, invalidation, batching, outcomeResolver);
    }

    /** The same route, whose answers are JSON with an absolute link to the vendor as the value of {@code name}. */
    public Route linking(String name) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                Optional.of(name),
                caching,
                invalidation,
                batching,
                outcomeResolver);
    }

    /** The same route, whose answers are kept. */
    public Route caching(CachePolicy policy) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                link,
                Optional.of(policy),
                invalidation,
                batching,
                outcomeResolver);
    }

    /** The same route, whose calls invalidate less than everything that is kept of the account. */
    public Route invalidation(InvalidationRule less) {
        return new Route(methods, template, condition, operation, api, link, caching, less, batching, outcomeResolver);
    }

    /** The same route, whose calls may become one while they wait. */
    public Route batching(Batching rule) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                link,
                caching,
                invalidation,
                Optional.of(rule),
                outcomeResolver);
    }

    /** The same route, whose calls can be told about afterwards. */
    public Route outcomeResolver(OutcomeResolver way) {
        return new Route(
                methods, template, condition, operation, api, link, caching, invalidation, batching, Optional.of(way));
    }

    public Operation operation() {
        return operation;
    }

    /** What is kept of its answers, if anything. */
    public Optional<CachePolicy> caching() {
        return caching;
    }

    Optional<Match> match(String method, Target target) {
        if (!methods.test(method) || !condition.test(target)) {
            return Optional.empty();
        }
        return variables(target.names())
                .map(variables -> new Match(
                        operation, variables, api, link, caching, invalidation, batching, outcomeResolver, text()));
    }

    private String text() {
        return template.isEmpty() ? "/**" : "/" + String.join("/", template);
    }

    private Optional<Map<String, String>> variables(List<String> path) {
        if (template.isEmpty()) {
            return Optional.of(Map.of());
        }
        if (template.size() != path.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String expected = template.get(i);
            if (expected.startsWith("{")) {
                variables.put(expected.substring(1, expected.length() - 1), path.get(i));
            } else if (!expected.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(variables);
    }

    private static List<String> segments(String template) {
        return Arrays.asList(template.substring(1).split("/", -1));
    }
}
