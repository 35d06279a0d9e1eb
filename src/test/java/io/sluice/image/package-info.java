/** What a native image is made of, read without making one. */
@NullMarked
package io.sluice.image;

import org.jspecify.annotations.NullMarked;
