/** What tests take of the machine they run on: ports, and servers that listen on them. */
@NullMarked
package io.sluice.machine;

import org.jspecify.annotations.NullMarked;
