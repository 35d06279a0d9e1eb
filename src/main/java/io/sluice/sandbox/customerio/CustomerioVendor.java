package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.ControlException;
import io.sluice.sandbox.http.SandboxConfig;
import io.sluice.sandbox.http.Settings;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.LimitSpec;
import io.sluice.sandbox.limits.LimiterKind;
import io.sluice.sandbox.limits.Limits;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;

/** One Customer.io workspace: the limits, settings and state that its surfaces share. */
public final class CustomerioVendor {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** The limits of the fact sheet; {@code workspace} is the soft ingress limit over all of Track. */
    public static final List<LimitSpec> LIMITS = List.of(
            limit("workspace", 3000, Duration.ofSeconds(3)),
            limit("identify", 100, SECOND),
            limit("track", 100, SECOND),
            limit("batch", 100, SECOND),
            limit("email", 100, SECOND),
            limit("push", 100, SECOND),
            limit("query", 10, SECOND),
            limit("broadcast", 1, Duration.ofSeconds(10)),
            limit("pipelines", 3000, Duration.ofSeconds(3)));

    private CustomerioVendor() {}

    private static LimitSpec limit(String name, int permits, Duration window) {
        return LimitSpec.of(name, LimiterKind.SLIDING, permits, window);
    }

    public static Vendor vendor(SandboxConfig sandbox, Limits limits, SandboxClock clock) {
        SandboxConfig.Customerio config = sandbox.customerio();
        Settings settings = new Settings()
                .with(Settings.LATENCY_MS, config.latency().toMillis())
                .with(Settings.JITTER_MS, config.jitter().toMillis())
                .with(Settings.LIMIT_HEADERS, config.limitHeaders())
                .with("batch_refuses_whole", config.batchRefusesWhole())
                .with("broadcast_ms", config.broadcastFor().toMillis())
                .with("broadcast_queue", config.broadcastQueue())
                .with("export_ms", config.exportFor().toMillis())
                .with("region", config.region())
                .with("link_ms", config.linkFor().toMillis());
        int maxRecords = sandbox.maxRecords();
        CustomerioPeople people = new CustomerioPeople(clock, maxRecords);
        CustomerioEvents events = new CustomerioEvents(clock, maxRecords);
        CustomerioEntities entities = new CustomerioEntities(people, events, maxRecords);
        CustomerioMails mails = new CustomerioMails(clock, maxRecords);
        CustomerioBroadcasts broadcasts = new CustomerioBroadcasts(clock, settings, maxRecords);
        CustomerioExports exports = new CustomerioExports(clock, settings, people, maxRecords);
        CustomerioPipelines pipelines = new CustomerioPipelines(config, settings, people, events, clock);
        CustomerioApp app = new CustomerioApp(config, settings, people, clock);
        app.routes(mails, broadcasts, exports);
        return new Vendor(
                "customerio",
                limits,
                settings,
                new Workspace(people, events, entities, mails, broadcasts, exports, pipelines),
                List.of(
                        new CustomerioTrack(config, settings, people, events, entities, clock),
                        app,
                        pipelines,
                        new CustomerioFiles(exports)));
    }

    /** The state of a workspace. */
    private record Workspace(
            CustomerioPeople people,
            CustomerioEvents events,
            CustomerioEntities entities,
            CustomerioMails mails,
            CustomerioBroadcasts broadcasts,
            CustomerioExports exports,
            CustomerioPipelines pipelines)
            implements Vendor.State {
        @Override
        public JsonObject summary() {
            return people.summary()
                    .mergeIn(events.summary())
                    .mergeIn(entities.summary())
                    .mergeIn(mails.summary())
                    .mergeIn(broadcasts.summary())
                    .mergeIn(exports.summary())
                    .mergeIn(pipelines.summary());
        }

        @Override
        public JsonObject details(String part) {
            return switch (part) {
                case "people" -> people.details();
                case "events" -> events.details();
                case "mails" -> mails.details();
                case "broadcasts" -> broadcasts.details();
                case "exports" -> exports.details();
                default ->
                    throw new ControlException(
                            404,
                            "customerio has no report " + part
                                    + ", there are people, events, mails, broadcasts, exports");
            };
        }

        @Override
        public void reset() {
            people.reset();
            events.reset();
            entities.reset();
            mails.reset();
            broadcasts.reset();
            exports.reset();
            pipelines.reset();
        }
    }
}
