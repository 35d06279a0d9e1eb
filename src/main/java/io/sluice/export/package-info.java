/**
 * Exports: jobs at vendors that outlive requests and processes.
 *
 * <p>A team requests an {@link io.sluice.export.job.Export} of one or more parts. For each part there is a
 * {@link io.sluice.export.job.Job} at the vendor; equal parts share one. A job is in a {@link io.sluice.export.job.JobState},
 * and every step it takes is stored before the next one begins:
 *
 * <pre>
 * Queued ─ slot free ─▶ Submitting ─ accepted ─▶ Running ─ ended ─▶ Fetching ─ stored ─▶ Done
 *   ▲                      │ outcome unknown       │ poll                │ again after a failure
 *   └── nothing was done ──┴─ look for the job: adopt it, or Queued again
 * </pre>
 *
 * From any of them a job may also become Failed or Cancelled.
 *
 * <p>{@link io.sluice.export.Exports} accepts requests; {@link io.sluice.export.ExportPoller} runs the worker ({@link
 * io.sluice.export.ExportWorker}), which claims the jobs that are due and runs {@link io.sluice.export.JobStateMachine}
 * for their next step; {@link io.sluice.export.JobStore} stores jobs, and leases them to one process at a time. The
 * differences between vendors are in their {@link io.sluice.export.job.Exporter} and, where their jobs take slots, {@link
 * io.sluice.export.job.SlotAware}; no class here names a vendor. Why it is built this way: src/docs/adr, 14, 15 and 48.
 *
 * <p>May use {@code reconcile}, {@code call}, {@code budget}, {@code idempotency} and {@code store}.
 */
@NullMarked
package io.sluice.export;

import org.jspecify.annotations.NullMarked;
