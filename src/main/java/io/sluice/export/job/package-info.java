/**
 * The model of export jobs: what a team requests, the state of a job, and the interfaces by which a vendor carries one
 * out ({@link io.sluice.export.job.Exporter}, and {@link io.sluice.export.job.SlotAware} where jobs take slots).
 *
 * <p>May use {@code reconcile}.
 */
@NullMarked
package io.sluice.export.job;

import org.jspecify.annotations.NullMarked;
