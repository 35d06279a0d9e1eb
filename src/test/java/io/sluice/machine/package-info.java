/** What tests take of the machine they run on: ports, servers that listen on them, and time. */
@NullMarked
package io.sluice.machine;

import org.jspecify.annotations.NullMarked;
