package io.sluice.web;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP methods of each path that the resources serve, for {@code Allow}: the framework has none in its 405, and those of
 * all the paths of a class in its answer to OPTIONS. Immutable.
 */
@Singleton
class ApiMethods {
    private final List<Endpoint> endpoints;

    ApiMethods(BeanManager beans) {
        endpoints = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .<Class<?>>map(bean -> bean.getBeanClass())
                .filter(type -> type.isAnnotationPresent(Path.class))
                .distinct()
                .flatMap(type -> Stream.of(type.getMethods()).flatMap(method -> endpoint(type, method).stream()))
                .toList();
    }

    /** A method of a path, which is a template by segments. */
    private record Endpoint(List<String> template, String method) {
        boolean matches(List<String> path) {
            return template.size() == path.size()
                    && IntStream.range(0, path.size())
                            .allMatch(i -> isVariable(template.get(i))
                                    || template.get(i).equals(path.get(i)));
        }

        /** The framework prefers a path with more literal segments. */
        long literals() {
            return template.stream().filter(segment -> !isVariable(segment)).count();
        }

        private static boolean isVariable(String segment) {
            return segment.startsWith("{");
        }
    }

    /** Returns the methods of a path in alphabetical order; none if nothing is served there. */
    SortedSet<String> of(String path) {
        List<String> segments = segments(path);
        List<Endpoint> matching = endpoints.stream()
                .filter(endpoint -> endpoint.matches(segments))
                .toList();
        long literals = matching.stream().mapToLong(Endpoint::literals).max().orElse(0);
        SortedSet<String> methods = new TreeSet<>();
        for (Endpoint endpoint : matching) {
            if (endpoint.literals() == literals) {
                methods.add(endpoint.method());
            }
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        if (!methods.isEmpty()) {
            methods.add("OPTIONS");
        }
        return methods;
    }

    private static Optional<Endpoint> endpoint(Class<?> type, Method method) {
        return Stream.of(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .flatMap(Stream::ofNullable)
                .map(http -> new Endpoint(
                        segments(path(type.getAnnotation(Path.class)) + "/" + path(method.getAnnotation(Path.class))),
                        http.value()))
                .findFirst();
    }

    private static String path(@Nullable Path path) {
        return path == null ? "" : path.value();
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>(List.of(path.split("/", -1)));
        segments.removeIf(String::isEmpty);
        return List.copyOf(segments);
    }
}
