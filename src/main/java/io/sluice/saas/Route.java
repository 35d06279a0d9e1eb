package io.sluice.saas;

import io.sluice.cache.CachePolicy;
import io.sluice.cache.InvalidationRule;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import io.sluice.reconcile.OutcomeResolver;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A route: matches calls by method and path, and maps them to an operation and the interface method that makes them.
 */
public final class Route {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    private final Predicate<String> methods;
    private final List<String> template; // empty: any path
    private final Predicate<Target> condition;
    private final Operation operation;
    private final Function<Call, Response> api;
    private final @Nullable Step step;
    private final @Nullable String link;
    private final @Nullable CachePolicy caching;
    private final InvalidationRule invalidation;
    private final @Nullable Batching batching;
    private final @Nullable OutcomeResolver outcomeResolver;
    private final Function<Call, Response> stepped;
    private final String text;

    private Route(
            Predicate<String> methods,
            List<String> template,
            Predicate<Target> condition,
            Operation operation,
            Function<Call, Response> api,
            @Nullable Step step,
            @Nullable String link,
            @Nullable CachePolicy caching,
            InvalidationRule invalidation,
            @Nullable Batching batching,
            @Nullable OutcomeResolver outcomeResolver) {
        this.methods = methods;
        this.template = template;
        this.condition = condition;
        this.operation = operation;
        this.api = api;
        this.step = step;
        this.link = link;
        this.caching = caching;
        this.invalidation = invalidation;
        this.batching = batching;
        this.outcomeResolver = outcomeResolver;
        this.stepped = step == null ? api : call -> step.send(call, api);
        this.text = template.isEmpty() ? "/**" : "/" + String.join("/", template);
    }

    /** A step around the interface method of one route, for what only its operation needs. */
    @FunctionalInterface
    public interface Step {
        /** Makes a call that has its permit, by the interface method, and returns the response. Waits for its head. */
        Response send(Call call, Function<Call, Response> api);
    }

    /**
     * A call matched by a route.
     *
     * @param variables the path variables, decoded
     * @param api makes the call; waits for the head of the response
     * @param link the name of the value in the response's JSON that links to the vendor itself, if there is one
     * @param caching the caching of the responses, if they are cached
     * @param invalidation the rule for the cached responses that the calls invalidate, if they write
     * @param batching the rule by which waiting calls are batched, if they may be
     * @param outcomeResolver the resolver for writes that got no response, if there is one
     * @param template the path of the route with its variables unfilled; {@code /**} for any path
     */
    public record Match(
            Operation operation,
            Map<String, String> variables,
            Function<Call, Response> api,
            @Nullable String link,
            @Nullable CachePolicy caching,
            InvalidationRule invalidation,
            @Nullable Batching batching,
            @Nullable OutcomeResolver outcomeResolver,
            String template) {}

    /**
     * The calls of one method and path.
     *
     * @param template such as {@code /v1/users/{user_id}}: each variable takes one segment
     */
    public static Route of(String method, String template, Operation operation, Function<Call, Response> api) {
        return plain(method::equals, segments(template), target -> true, operation, api);
    }

    /** Every call that reads, on any path. */
    public static Route anyRead(Operation operation, Function<Call, Response> api) {
        return plain(READS::contains, List.of(), target -> true, operation, api);
    }

    /** Every call, of any method and path. */
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
                null,
                null,
                null,
                InvalidationRule.EVERYTHING,
                null,
                null);
    }

    /** The same route, with a step around the interface method. */
    public Route around(Step wrapped) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                wrapped,
                link,
                caching,
                invalidation,
                batching,
                outcomeResolver);
    }

    /** The same route, only for calls that meet a condition. */
    public Route when(Predicate<Target> met) {
        return new Route(
                methods, template, met, operation, api, step, link, caching, invalidation, batching, outcomeResolver);
    }

    /** The same route, whose responses are JSON with an absolute link to the vendor as the value of {@code name}. */
    public Route linking(String name) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                step,
                name,
                caching,
                invalidation,
                batching,
                outcomeResolver);
    }

    /** The same route, whose responses are cached. */
    public Route caching(CachePolicy policy) {
        return new Route(
                methods,
                template,
                condition,
                operation,
                api,
                step,
                link,
                policy,
                invalidation,
                batching,
                outcomeResolver);
    }

    /** The same route, whose calls invalidate less than everything that is cached for the account. */
    public Route invalidation(InvalidationRule less) {
        return new Route(
                methods, template, condition, operation, api, step, link, caching, less, batching, outcomeResolver);
    }

    /** The same route, whose waiting calls may be batched. */
    public Route batching(Batching rule) {
        return new Route(
                methods, template, condition, operation, api, step, link, caching, invalidation, rule, outcomeResolver);
    }

    /** The same route, with a resolver for calls whose outcome is unknown. */
    public Route outcomeResolver(OutcomeResolver way) {
        return new Route(
                methods, template, condition, operation, api, step, link, caching, invalidation, batching, way);
    }

    public Operation operation() {
        return operation;
    }

    /** The caching of its responses, if they are cached. */
    public Optional<CachePolicy> caching() {
        return Optional.ofNullable(caching);
    }

    Optional<Match> match(String method, Target target) {
        if (!methods.test(method) || !condition.test(target) || !matches(target.names())) {
            return Optional.empty();
        }
        return Optional.of(new Match(
                operation,
                variables(target.names()),
                stepped,
                link,
                caching,
                invalidation,
                batching,
                outcomeResolver,
                text));
    }

    private boolean matches(List<String> path) {
        if (template.isEmpty()) {
            return true;
        }
        if (template.size() != path.size()) {
            return false;
        }
        for (int i = 0; i < path.size(); i++) {
            String expected = template.get(i);
            if (!isVariable(expected) && !expected.equals(path.get(i))) {
                return false;
            }
        }
        return true;
    }

    private Map<String, String> variables(List<String> path) {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < template.size(); i++) {
            String expected = template.get(i);
            if (isVariable(expected)) {
                variables.put(expected.substring(1, expected.length() - 1), path.get(i));
            }
        }
        return variables;
    }

    private static boolean isVariable(String segment) {
        return segment.startsWith("{");
    }

    private static List<String> segments(String template) {
        return Arrays.asList(template.substring(1).split("/", -1));
    }
}
