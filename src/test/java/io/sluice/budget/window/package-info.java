/** What the budget promises, on virtual time. */
@NullMarked
package io.sluice.budget.window;

import org.jspecify.annotations.NullMarked;
