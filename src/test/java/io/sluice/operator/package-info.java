/** Tests of operators' settings. */
@NullMarked
package io.sluice.operator;

import org.jspecify.annotations.NullMarked;
