package io.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the code against the rules of {@link Architecture}, and each rule against fixtures that break it. */
class ArchitectureTest {
    private static final Architecture OURS = new Architecture("io.sluice");
    private static final Architecture FIXTURES = new Architecture("io.sluice.wrong");

    private static final JavaClasses CODE =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.sluice");
    private static final JavaClasses WRONG = new ClassFileImporter().importPackages("io.sluice.wrong");

    @Test
    void each_part_uses_only_what_it_may() {
        OURS.arrows().check(CODE);
    }

    @Test
    void the_table_of_the_root_package_is_the_one_that_is_held() throws IOException {
        String comment = Files.readString(Path.of("src/main/java/io/sluice/package-info.java"));
        String table = comment.substring(comment.indexOf("<pre>") + 5, comment.indexOf("</pre>"));
        Map<String, Set<String>> documented = new HashMap<>();
        Pattern.compile("(?m)^ \\* (\\S+) .*\\R \\* +uses (.*(?:\\R \\* {16,}.*)*)")
                .matcher(table)
                .results()
                .forEach(row -> documented.put(row.group(1), rooms(row.group(2))));

        assertThat(documented).isEqualTo(Architecture.MAY_USE);
    }

    private static Set<String> rooms(String list) {
        return list.equals("nothing")
                ? Set.of()
                : Arrays.stream(list.split("[\\s,]+(?:\\* +)?", -1)).collect(Collectors.toSet());
    }

    @Test
    void no_circle_leads_from_a_room_back_to_itself() {
        OURS.noCircleOfRooms().check(CODE);
    }

    @Test
    void no_circle_of_classes_is_large() {
        System.out.println(largestCircle());

        OURS.onlySmallCirclesInRooms().check(CODE);
    }

    private static String largestCircle() {
        return Circles.insideRooms(CODE).entrySet().stream()
                .max(Comparator.comparingInt(room -> room.getValue().getFirst().size()))
                .map(room -> "The largest circle: %d classes of %s: %s"
                        .formatted(
                                room.getValue().getFirst().size(),
                                room.getKey(),
                                room.getValue().getFirst()))
                .orElse("There is no circle of classes");
    }

    @Test
    void the_budget_is_plain_java() {
        OURS.budgetIsPlainJava().check(CODE);
    }

    @Test
    void only_one_class_reads_the_time() {
        OURS.oneClassReadsTheTime().check(CODE);
    }

    @Test
    void configuration_is_derived_when_it_is_read() {
        OURS.configurationIsDerivedWhenItIsRead().check(CODE);
    }

    @Test
    void one_room_holds_the_registry_of_metrics() {
        OURS.oneRoomHoldsTheRegistry().check(CODE);
    }

    @Test
    void names_say_what_things_are() {
        OURS.namesSaySomething().check(CODE);
    }

    @Test
    void every_package_is_null_marked() {
        OURS.packagesAreNullMarked().check(CODE);
    }

    @Test
    void static_fields_fit_into_a_native_image() {
        OURS.staticsFitIntoAnImage().check(CODE);
    }

    @Test
    void the_code_that_is_checked_is_found() {
        assertThat(CODE.contain("io.sluice.package-info")).isTrue();
        assertThat(CODE).noneMatch(type -> type.getName().endsWith("Test"));
    }

    @Test
    void a_forbidden_arrow_is_found() {
        assertThat(violations(FIXTURES.arrows()))
                .anyMatch(line -> line.contains("saas.clari.UsesAnotherVendor") && line.contains("saas.clerk"))
                .anyMatch(line -> line.contains("export.UsesAVendor") && line.contains("saas.clari"))
                .anyMatch(line -> line.contains("gateway.UsesOneVendor") && line.contains("saas.clerk"))
                .anyMatch(line -> line.contains("call.UsesTheSandbox") && line.contains("sandbox"))
                .anyMatch(line -> line.contains("sandbox.UsesOurCode") && line.contains("call"))
                .anyMatch(line -> line.contains("util.StringUtils is in no known part"))
                .noneMatch(line -> line.contains("saas.clerk.UsesWhatItMay"));
    }

    @Test
    void a_circle_of_rooms_is_found() {
        assertThat(violations(FIXTURES.noCircleOfRooms()))
                .anyMatch(
                        line -> line.contains("wrong.call.UsesTheSandbox") && line.contains("io.sluice.wrong.sandbox"))
                .anyMatch(line -> line.contains("wrong.sandbox.UsesOurCode") && line.contains("io.sluice.wrong.call"))
                .noneMatch(line -> line.contains("wrong.saas.clari"))
                .noneMatch(line -> line.contains("wrong.cache"));
    }

    @Test
    void a_circle_of_four_classes_is_found_and_one_of_three_is_allowed() {
        assertThat(violations(FIXTURES.onlySmallCirclesInRooms()))
                .anyMatch(line -> line.contains("cache.FirstOfFour is in a circle of 4 classes, above 3"))
                .anyMatch(line -> line.contains("cache.FourthOfFour") && line.contains("cache.ThirdOfFour"))
                .noneMatch(line -> line.contains("OfThree"));
    }

    @Test
    void a_budget_that_needs_a_library_is_found() {
        assertThat(violations(FIXTURES.budgetIsPlainJava()))
                .anyMatch(line -> line.contains("budget.NeedsALibrary") && line.contains("jakarta.inject"))
                .anyMatch(line -> line.contains("budget.NeedsALibrary") && line.contains("java.sql"));
    }

    @Test
    void a_class_that_reads_the_time_is_found_even_by_method_reference() {
        assertThat(violations(FIXTURES.oneClassReadsTheTime()))
                .anyMatch(line -> line.contains("System.nanoTime()"))
                .anyMatch(line -> line.contains("System.currentTimeMillis()"))
                .anyMatch(line -> line.contains("Thread.sleep("))
                .anyMatch(line -> line.contains("Instant.now()"))
                .anyMatch(line -> line.contains("LocalDateTime.now(java.time.ZoneId)"))
                .anyMatch(line -> line.contains("Clock.systemUTC()"))
                .anyMatch(line -> line.contains("InstantSource.system()"))
                .noneMatch(line -> line.contains("asksAClock"))
                .noneMatch(line -> line.contains("io.sluice.wrong.Clocks"));
    }

    @Test
    void a_source_that_is_made_of_configuration_is_found() {
        assertThat(violations(FIXTURES.configurationIsDerivedWhenItIsRead()))
                .anyMatch(line -> line.contains("saas.clerk.DerivesTooSoon"));
    }

    @Test
    void another_holder_of_the_registry_is_found() {
        assertThat(violations(FIXTURES.oneRoomHoldsTheRegistry()))
                .anyMatch(line -> line.contains("web.HoldsTheRegistry"))
                .noneMatch(line -> line.contains("web.HandsToJackson"));
    }

    @Test
    void a_vague_name_is_found() {
        assertThat(violations(FIXTURES.namesSaySomething()))
                .anyMatch(line -> line.contains("StringUtils ends in Utils"))
                .anyMatch(line -> line.contains("StringUtils is in a package called util"))
                .noneMatch(line -> line.contains("UsesWhatItMay"));
    }

    @Test
    void a_package_without_null_marks_is_found() {
        assertThat(violations(FIXTURES.packagesAreNullMarked()))
                .anyMatch(line -> line.contains("io.sluice.wrong.util"))
                .noneMatch(line -> line.contains("io.sluice.wrong.call"));
    }

    @Test
    void a_static_field_that_does_not_fit_into_a_native_image_is_found_at_any_depth() {
        assertThat(violations(FIXTURES.staticsFitIntoAnImage()))
                .anyMatch(line -> line.contains("KeepsInStatics.DICE") && line.contains("java.util.Random"))
                .anyMatch(line -> line.contains("KeepsInStatics.CLOCK") && line.contains("java.time.InstantSource"))
                .anyMatch(line -> line.contains("KeepsInStatics.TICKER") && line.contains("io.sluice.budget.Ticker"))
                .anyMatch(line -> line.contains("KeepsInStatics.THREADS") && line.contains("java.lang.Thread"))
                .anyMatch(
                        line -> line.contains("KeepsInStatics.POOL") && line.contains("java.util.concurrent.Executor"))
                .anyMatch(line -> line.contains("KeepsInStatics.BUFFERS") && line.contains("io.netty.buffer.ByteBuf"))
                .anyMatch(line -> line.contains("KeepsInStatics$Body.NONE")
                        && line.contains("KeepsInStatics$Body with io.vertx.core.buffer.Buffer"))
                .anyMatch(line -> line.contains("KeepsInStatics.BODIES")
                        && line.contains("KeepsInStatics$Body with io.vertx.core.buffer.Buffer"))
                .anyMatch(line -> line.contains("static initializer")
                        && line.contains("KeepsInStatics$Roller with java.util.random.RandomGenerator"))
                .noneMatch(line -> line.contains("KeepsInStatics.NUMBERS"))
                .noneMatch(line -> line.contains("Roller.dice"));
    }

    private static List<String> violations(ArchRule rule) {
        return rule.evaluate(WRONG).getFailureReport().getDetails();
    }
}
