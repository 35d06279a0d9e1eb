/** What the budget promises, on virtual time. */
@NullMarked
package io.sluice.budget;

import org.jspecify.annotations.NullMarked;
