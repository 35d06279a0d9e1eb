package io.sluice.export;

import io.sluice.export.job.Job;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobState;
import io.sluice.metrics.Metrics;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.Tag;

/** The metrics of exports: counters of jobs claimed, of steps by the state they led to, and of failures by kind. */
@ApplicationScoped
public class ExportMeters {
    private static final Metadata STEPS =
            Metrics.described("sluice_export_steps", "Steps of jobs by the state they led to");
    private static final Metadata CLAIMED =
            Metrics.described("sluice_export_jobs_claimed", "Jobs that were claimed when due");
    private static final Metadata FAILURES =
            Metrics.described("sluice_export_failures", "Steps of jobs that failed, by the kind of the problem");

    private final Metrics registry = new Metrics();

    void claimed(int jobs) {
        if (jobs > 0) {
            registry.counter(CLAIMED).inc(jobs);
        }
    }

    void stepped(Job before, Job after) {
        registry.counter(
                        STEPS,
                        new Tag("vendor", before.spec().account().vendor()),
                        new Tag("account", before.spec().account().account()),
                        new Tag("team", before.spec().team()),
                        new Tag("from", before.state().name().code()),
                        new Tag("to", after.state().name().code()))
                .inc();
        JobProblem problem = after.state() instanceof JobState.Failed failed ? failed.problem() : after.problem();
        if (problem != null) {
            registry.counter(
                            FAILURES,
                            new Tag("vendor", before.spec().account().vendor()),
                            new Tag("account", before.spec().account().account()),
                            new Tag("kind", problem.kind().code()))
                    .inc();
        }
    }
}
