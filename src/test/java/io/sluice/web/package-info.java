/** Tests of Sluice's own API. */
@NullMarked
package io.sluice.web;

import org.jspecify.annotations.NullMarked;
