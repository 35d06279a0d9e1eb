package io.sluice.image;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.domain.properties.HasName;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which types of ours Jackson looks into: those with one of its annotations, those that are handed to it by hand, and all
 * that these lead to. Of the handed ones Quarkus finds none, since no signature of a resource names them.
 */
final class MetByJackson {
    private final JavaClasses code;

    MetByJackson(JavaClasses code) {
        this.code = code;
    }

    /** Their binary names. Enums are not among them: they are written by name. */
    Set<String> names() {
        Set<String> met = new TreeSet<>();
        Deque<JavaClass> next = new ArrayDeque<>();
        code.stream().filter(MetByJackson::isAnnotated).forEach(next::add);
        code.stream()
                .flatMap(type -> type.getSource().stream())
                .flatMap(source -> HandedOver.by(source.getUri()).stream())
                .filter(code::contain)
                .map(code::get)
                .forEach(next::add);
        while (!next.isEmpty()) {
            JavaClass type = next.pop();
            // A state is written as what it is, and not as its interface says.
            type.getAllSubclasses().stream()
                    .filter(known -> !met.contains(known.getName()))
                    .forEach(next::add);
            if (isLookedInto(type) && met.add(type.getName())) {
                type.getFields().stream()
                        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                        .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
                        .map(JavaClass::getBaseComponentType)
                        .filter(held -> code.contain(held.getName()))
                        .forEach(next::add);
            }
        }
        return met;
    }

    private static boolean isLookedInto(JavaClass type) {
        return !type.isEnum()
                && !type.isInterface()
                && !type.isAnnotation()
                && !type.isAssignableTo(InputStream.class)
                && !type.isAssignableTo(StreamingOutput.class);
    }

    private static boolean isAnnotated(JavaClass type) {
        return Stream.<Collection<? extends HasAnnotations<?>>>of(
                        Set.of(type), type.getFields(), type.getCodeUnits(), parameters(type))
                .flatMap(Collection::stream)
                .flatMap(annotated -> annotated.getAnnotations().stream())
                .map(JavaAnnotation::getRawType)
                .map(HasName::getName)
                .anyMatch(name -> name.startsWith("com.fasterxml.jackson."));
    }

    private static Collection<JavaParameter> parameters(JavaClass type) {
        return type.getCodeUnits().stream()
                .flatMap(unit -> unit.getParameters().stream())
                .toList();
    }
}
