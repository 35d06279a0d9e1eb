@NullMarked
package io.sluice.cache;

import org.jspecify.annotations.NullMarked;
