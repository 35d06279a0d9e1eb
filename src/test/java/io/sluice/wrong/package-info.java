/**
 * Code that breaks every rule of {@code Architecture} once, to prove that the rules can fail. Nothing runs it. Classes
 * are named for what they do wrong.
 */
@NullMarked
package io.sluice.wrong;

import org.jspecify.annotations.NullMarked;
