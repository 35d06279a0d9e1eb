package io.sluice.problem;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The declaration of the problems with which an operation of the API may respond, for the OpenAPI document. Those of
 * every operation (a missing key, an internal error) and those of {@code @RolesAllowed} need not be declared.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.CLASS)
public @interface FailsWith {
    Problem.Kind[] value();
}
