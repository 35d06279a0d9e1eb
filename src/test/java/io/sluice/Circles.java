package io.sluice;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The circles in the dependencies between classes: the strongly connected components of a graph, found by Tarjan's
 * algorithm. A class that is nested in another counts as that one.
 */
final class Circles {
    private final Map<String, Set<String>> uses;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> onPath = new TreeSet<>();
    private final List<Set<String>> found = new ArrayList<>();

    private Circles(Map<String, Set<String>> uses) {
        this.uses = uses;
    }

    /** The circles of classes in each room that has any, the largest first. */
    static Map<String, List<Set<String>>> insideRooms(Collection<JavaClass> classes) {
        Map<String, List<Set<String>>> circles = new TreeMap<>();
        classes.stream()
                .collect(Collectors.groupingBy(JavaClass::getPackageName))
                .forEach((room, members) -> {
                    List<Set<String>> found = find(graph(members, Circles::outermost));
                    if (!found.isEmpty()) {
                        circles.put(room, found);
                    }
                });
        return circles;
    }

    /** The circles of rooms, the largest first. */
    static List<Set<String>> betweenRooms(Collection<JavaClass> classes) {
        return find(graph(classes, JavaClass::getPackageName));
    }

    private static Map<String, Set<String>> graph(Collection<JavaClass> classes, Function<JavaClass, String> node) {
        Map<String, Set<String>> graph = new TreeMap<>();
        classes.forEach(type -> graph.put(node.apply(type), new TreeSet<>()));
        for (JavaClass type : classes) {
            String user = node.apply(type);
            Set<String> uses = graph.computeIfAbsent(user, added -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String used = node.apply(dependency.getTargetClass().getBaseComponentType());
                if (!used.equals(user) && graph.containsKey(used)) {
                    uses.add(used);
                }
            }
        }
        return graph;
    }

    static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(Circles::outermost).orElseGet(type::getName);
    }

    private static List<Set<String>> find(Map<String, Set<String>> graph) {
        Circles circles = new Circles(graph);
        for (String node : graph.keySet()) {
            if (!circles.numbers.containsKey(node)) {
                circles.visit(node);
            }
        }
        circles.found.sort((one, other) -> Integer.compare(other.size(), one.size()));
        return circles.found;
    }

    private void visit(String node) {
        int number = numbers.size();
        numbers.put(node, number);
        lowest.put(node, number);
        path.push(node);
        onPath.add(node);
        for (String used : uses.getOrDefault(node, Set.of())) {
            if (!numbers.containsKey(used)) {
                visit(used);
                lowest.merge(node, lowest.get(used), Math::min);
            } else if (onPath.contains(used)) {
                lowest.merge(node, numbers.get(used), Math::min);
            }
        }
        if (lowest.get(node) == number) {
            close(node);
        }
    }

    /** Takes the circle off the path that {@code first} is the first node of. */
    private void close(String first) {
        Set<String> circle = new TreeSet<>();
        String node;
        do {
            node = path.pop();
            onPath.remove(node);
            circle.add(node);
        } while (!node.equals(first));
        if (circle.size() > 1) {
            found.add(circle);
        }
    }
}
