/** Reads the manifests under {@code k8s/} as a cluster would and checks what must hold between them. */
@NullMarked
package io.sluice.k8s;

import org.jspecify.annotations.NullMarked;
