package io.sluice;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.smallrye.config.ConfigSourceFactory;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.jspecify.annotations.NullMarked;

/**
 * The rules that hold between our packages, for the code under one root package. The root is a parameter so that each
 * rule can also be held against the fixtures under {@code io.sluice.wrong}, which break it.
 */
final class Architecture {
    /**
     * The arrows: a part is a package below the root, {@code "root"} is the root package itself, all vendors share one
     * row, and so do the rooms of one vendor. What a part may use besides itself stands beside it; what does not stand here may not exist. The comment
     * of the root package shows the same table.
     */
    static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("root", Set.of("budget")),
            Map.entry("budget", Set.of("budget.queue", "budget.window")),
            Map.entry("budget.queue", Set.of("budget.window")),
            Map.entry("budget.window", Set.of()),
            Map.entry("metrics", Set.of("budget")),
            Map.entry("call.failure", Set.of()),
            Map.entry("call", Set.of("root", "budget", "metrics", "call.failure")),
            Map.entry("startup", Set.of("root")),
            Map.entry("store", Set.of("root")),
            Map.entry("team", Set.of("root")),
            Map.entry("idempotency", Set.of("root", "store")),
            Map.entry("webhook", Set.of("root", "store")),
            Map.entry("problem", Set.of("root", "budget", "call")),
            Map.entry("http", Set.of("root", "budget", "team", "call", "call.failure", "problem")),
            Map.entry("reconcile", Set.of("root", "call", "store")),
            Map.entry("cache", Set.of("root", "call", "call.failure")),
            Map.entry("export.job", Set.of("root", "reconcile")),
            Map.entry("export.files", Set.of("root", "store", "export.job")),
            Map.entry("export.slots", Set.of("root", "store", "export.job")),
            Map.entry(
                    "export",
                    Set.of(
                            "root",
                            "budget",
                            "budget.queue",
                            "budget.window",
                            "store",
                            "metrics",
                            "idempotency",
                            "call",
                            "reconcile",
                            "export.job",
                            "export.files",
                            "export.slots")),
            Map.entry("operator", Set.of("root", "budget", "budget.window", "store")),
            Map.entry(
                    "delivery",
                    Set.of("root", "budget", "budget.window", "store", "metrics", "operator", "call", "call.failure")),
            Map.entry(
                    "saas",
                    Set.of(
                            "root",
                            "budget",
                            "budget.window",
                            "problem",
                            "call",
                            "call.failure",
                            "cache",
                            "reconcile",
                            "export.job")),
            Map.entry(
                    "saas.*",
                    Set.of(
                            "root",
                            "budget",
                            "budget.window",
                            "team",
                            "http",
                            "webhook",
                            "problem",
                            "call",
                            "call.failure",
                            "cache",
                            "reconcile",
                            "export.job",
                            "saas")),
            Map.entry(
                    "saas.customerio.*",
                    Set.of(
                            "root",
                            "budget",
                            "budget.window",
                            "team",
                            "http",
                            "problem",
                            "call",
                            "call.failure",
                            "reconcile",
                            "delivery",
                            "saas",
                            "saas.customerio")),
            Map.entry(
                    "gateway",
                    Set.of(
                            "root",
                            "budget",
                            "budget.window",
                            "store",
                            "team",
                            "metrics",
                            "idempotency",
                            "problem",
                            "http",
                            "call",
                            "call.failure",
                            "cache",
                            "reconcile",
                            "delivery",
                            "saas")),
            Map.entry(
                    "web",
                    Set.of(
                            "root",
                            "budget",
                            "budget.window",
                            "store",
                            "operator",
                            "team",
                            "metrics",
                            "idempotency",
                            "webhook",
                            "problem",
                            "http",
                            "call",
                            "call.failure",
                            "cache",
                            "export",
                            "export.job",
                            "delivery",
                            "saas",
                            "gateway")),
            Map.entry("sandbox.limits", Set.of()),
            Map.entry("sandbox.http", Set.of("sandbox.limits")),
            Map.entry("sandbox.*", Set.of("sandbox.http", "sandbox.limits")),
            Map.entry("sandbox.control", Set.of("sandbox.http", "sandbox.limits")),
            Map.entry("sandbox", Set.of("sandbox.http", "sandbox.limits", "sandbox.*", "sandbox.control")));

    private static final List<String> VAGUE_SUFFIXES =
            List.of("Manager", "Processor", "ServiceImpl", "Util", "Utils", "Helper", "Helpers");
    private static final Set<String> VAGUE_PACKAGES =
            Set.of("util", "utils", "common", "helper", "helpers", "impl", "service", "services");

    /** How many classes a circle inside a room may have at most: a few that are one mechanism. */
    private static final int LARGEST_CIRCLE = 3;

    /** Types whose values live and die with a process: open or native memory, dice, threads, clocks. */
    private static final Set<String> NOT_IN_AN_IMAGE = Set.of(
            "io.vertx.core.buffer.Buffer",
            "java.util.random.RandomGenerator",
            "java.lang.Thread",
            "java.util.concurrent.ThreadFactory",
            "java.util.concurrent.Executor",
            "java.util.Timer",
            "java.time.InstantSource",
            "io.sluice.budget.Ticker",
            "io.sluice.budget.Timer");

    private final String root;

    Architecture(String root) {
        this.root = root;
    }

    /** Every package stands in the table and uses only what the table allows. */
    ArchRule arrows() {
        return classes()
                .should(new ArchCondition<JavaClass>("use only the parts that theirs may use") {
                    @Override
                    public void check(JavaClass origin, ConditionEvents events) {
                        String user = part(origin);
                        Set<String> allowed = MAY_USE.get(row(user));
                        if (allowed == null) {
                            events.add(violated(origin, origin.getName() + " is in no known part"));
                            return;
                        }
                        for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                            JavaClass target = dependency.getTargetClass().getBaseComponentType();
                            if (isOurs(target) && !isAllowed(user, part(target), allowed)) {
                                events.add(violated(origin, dependency.getDescription()));
                            }
                        }
                    }
                })
                .as("each part uses only what the table of arrows allows");
    }

    /** No room depends on itself by way of another. */
    ArchRule noCircleOfRooms() {
        return classes()
                .should(new CircleCondition(
                        "be in a room that no circle of rooms leads back to",
                        all -> Circles.betweenRooms(
                                all.stream().filter(this::isOurs).toList())
                                .stream(),
                        JavaClass::getPackageName,
                        0))
                .as("there is no circle of rooms");
    }

    /**
     * Classes of one room that depend on each other in a circle are at most {@link #LARGEST_CIRCLE}, since they can only
     * be understood together.
     */
    ArchRule onlySmallCirclesInRooms() {
        return classes()
                .should(new CircleCondition(
                        "be in no large circle of classes",
                        all -> Circles.insideRooms(all).values().stream().flatMap(List::stream),
                        JavaClass::getName,
                        LARGEST_CIRCLE))
                .as("no circle of classes inside a room is large");
    }

    /** The condition that a class is in no circle with more members than a bound. */
    private static final class CircleCondition extends ArchCondition<JavaClass> {
        private final Function<Collection<JavaClass>, Stream<Set<String>>> find;
        private final Function<JavaClass, String> member;
        private final int most;
        private final Map<String, Set<String>> circles = new HashMap<>();

        CircleCondition(
                String description,
                Function<Collection<JavaClass>, Stream<Set<String>>> find,
                Function<JavaClass, String> member,
                int most) {
            super(description);
            this.find = find;
            this.member = member;
            this.most = most;
        }

        @Override
        public void init(Collection<JavaClass> all) {
            circles.clear();
            find.apply(all).forEach(circle -> circle.forEach(each -> circles.put(each, circle)));
        }

        @Override
        public void check(JavaClass origin, ConditionEvents events) {
            Set<String> circle = circles.getOrDefault(member.apply(origin), Set.of());
            if (circle.size() > most) {
                events.add(violated(
                        origin,
                        "%s is in a circle of %d %s, above %d: %s"
                                .formatted(
                                        origin.getName(),
                                        circle.size(),
                                        most == 0 ? "rooms" : "classes",
                                        most,
                                        circle)));
            }
        }
    }

    /** The budget needs nothing but the JDK's own language, collections, concurrency and time. */
    ArchRule budgetIsPlainJava() {
        String budget = root + ".budget..";
        return noClasses()
                .that()
                .resideInAPackage(budget)
                .should()
                .dependOnClassesThat(resideOutsideOfPackages(budget, "java..", "org.jspecify..")
                        .or(resideInAnyPackage("java.net..", "java.sql..", "java.rmi..")))
                .allowEmptyShould(true)
                .as("budget is plain Java");
    }

    /** One class reads the real time and waits in it; the sandbox, which shares no code with us, has its own. */
    ArchRule oneClassReadsTheTime() {
        Set<String> readers = Set.of(root + ".Clocks", root + ".sandbox.limits.SandboxClock");
        return classes()
                .that(describe("are not " + readers, type -> !readers.contains(Circles.outermost(type))))
                .should(new ArchCondition<JavaClass>("neither read the real time nor sleep in it") {
                    @Override
                    public void check(JavaClass origin, ConditionEvents events) {
                        origin.getCodeUnitAccessesFromSelf().stream()
                                .filter(Architecture::touchesTime)
                                .map(JavaAccess::getDescription)
                                .forEach(description -> events.add(violated(origin, description)));
                    }
                })
                .allowEmptyShould(true)
                .as("only Clocks reads the real time or sleeps in it");
    }

    /**
     * Configuration that follows from other configuration is derived when it is read. What makes sources sees no files that
     * the configuration names, so only the package that reads those makes any.
     */
    ArchRule configurationIsDerivedWhenItIsRead() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".startup")
                .should()
                .beAssignableTo(ConfigSourceFactory.class)
                .orShould()
                .beAssignableTo(ConfigSourceProvider.class)
                .orShould()
                .beAssignableTo(ConfigSource.class)
                .as("only startup makes sources of configuration");
    }

    /** One room holds the registry of metrics, so that a change of its library changes nothing else (ADR 3). */
    ArchRule oneRoomHoldsTheRegistry() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".metrics")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.smallrye.metrics..")
                        .or(JavaClass.Predicates.equivalentTo(MetricRegistry.class)))
                .as("only the room of metrics holds their registry");
    }

    /** Names say what a thing is or does. */
    ArchRule namesSaySomething() {
        return classes()
                .should(new ArchCondition<JavaClass>("be named for what they are") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        String name = type.getSimpleName();
                        VAGUE_SUFFIXES.stream()
                                .filter(name::endsWith)
                                .forEach(suffix -> events.add(violated(type, type.getName() + " ends in " + suffix)));
                        Arrays.stream(type.getPackageName().split("\\."))
                                .filter(VAGUE_PACKAGES::contains)
                                .forEach(word ->
                                        events.add(violated(type, type.getName() + " is in a package called " + word)));
                    }
                })
                .as("names of classes and packages say what they are");
    }

    /** Every package says what it is in a package-info that turns null checking on. */
    ArchRule packagesAreNullMarked() {
        return classes()
                .should(new ArchCondition<JavaClass>("be in a package whose package-info is @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            events.add(violated(
                                    type, type.getPackageName() + " of " + type.getName() + " is not @NullMarked"));
                        }
                    }
                })
                .as("every package has a @NullMarked package-info");
    }

    /**
     * What a native image cannot hold, or would hold as it was when the image was built, is in no static field: neither
     * as its value, nor among its elements, nor in a field of an object of ours that it leads to.
     */
    ArchRule staticsFitIntoAnImage() {
        return classes()
                .should(new ArchCondition<JavaClass>("keep in static fields only what a native image can hold") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        for (JavaField field : type.getFields()) {
                            if (field.getModifiers().contains(JavaModifier.STATIC)) {
                                held(field)
                                        .forEach(held -> way(held, new HashSet<>())
                                                .ifPresent(way -> events.add(
                                                        violated(type, field.getFullName() + " holds " + way))));
                            }
                        }
                        // The declared type may say less than what is made.
                        type.getStaticInitializer().stream()
                                .flatMap(initializer -> initializer.getConstructorCallsFromSelf().stream())
                                .map(call -> call.getTargetOwner())
                                .forEach(made -> way(made, new HashSet<>())
                                        .ifPresent(way -> events.add(violated(
                                                type,
                                                "the static initializer of " + type.getName() + " makes " + way))));
                    }
                })
                .as("no static field holds what a native image cannot hold");
    }

    /** How a value of that type leads to something that an image cannot hold, if it does. */
    private Optional<String> way(JavaClass type, Set<JavaClass> seen) {
        JavaClass held = type.getBaseComponentType();
        if (held.getPackageName().startsWith("io.netty.")
                || NOT_IN_AN_IMAGE.stream().anyMatch(held::isAssignableTo)) {
            return Optional.of(held.getName());
        }
        if (!isOurs(held) || !seen.add(held)) {
            return Optional.empty();
        }
        return held.getAllFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .flatMap(Architecture::held)
                .flatMap(next -> way(next, seen).stream())
                .map(way -> held.getName() + " with " + way)
                .findFirst();
    }

    /** The types of a field's value and of its elements; what a function takes or gives it does not hold. */
    private static Stream<JavaClass> held(JavaField field) {
        JavaClass type = field.getRawType();
        return type.getPackageName().equals("java.util.function")
                        || type.getPackageName().equals("java.lang")
                ? Stream.of(type)
                : field.getType().getAllInvolvedRawTypes().stream();
    }

    // java.util.Date is not here because Error Prone forbids it altogether.
    private static boolean touchesTime(JavaCodeUnitAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getName();
        if (owner.isEquivalentTo(System.class)) {
            return name.equals("nanoTime") || name.equals("currentTimeMillis");
        }
        if (owner.isEquivalentTo(Clock.class) || owner.isEquivalentTo(InstantSource.class)) {
            return name.startsWith("system") || (name.startsWith("tick") && !name.equals("tick"));
        }
        if (owner.getPackageName().startsWith("java.time")) {
            return name.equals("now") && !takesAClock(access);
        }
        if (owner.isEquivalentTo(LockSupport.class)) {
            return name.equals("parkNanos") || name.equals("parkUntil");
        }
        return (owner.isEquivalentTo(TimeUnit.class) && name.equals("sleep"))
                || (owner.isAssignableTo(Thread.class) && name.equals("sleep"));
    }

    private static boolean takesAClock(JavaCodeUnitAccess<?> access) {
        return access.getTarget().getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Clock.class));
    }

    private static boolean isAllowed(String user, String used, Set<String> allowed) {
        return used.equals(user) || allowed.contains(used) || allowed.contains(row(used));
    }

    private boolean isOurs(JavaClass type) {
        return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
    }

    /** Which part a class belongs to: {@code "root"}, {@code "export"}, {@code "saas"}, {@code "saas.clari"}. */
    private String part(JavaClass type) {
        return type.getPackageName().equals(root)
                ? "root"
                : type.getPackageName().substring(root.length() + 1);
    }

    /** The row of the table that speaks about a part; those without one of their own share their parent's. */
    private static String row(String part) {
        int parent = part.lastIndexOf('.');
        return parent < 0 || MAY_USE.containsKey(part) ? part : part.substring(0, parent) + ".*";
    }

    private static ConditionEvent violated(JavaClass type, String what) {
        return SimpleConditionEvent.violated(type, what);
    }
}
