package io.sluice.saas.customerio;

import static io.sluice.saas.customerio.CustomerioLimits.BATCH;
import static io.sluice.saas.customerio.CustomerioLimits.IDENTIFY;
import static io.sluice.saas.customerio.CustomerioLimits.PAGE;
import static io.sluice.saas.customerio.CustomerioLimits.PIPELINES;
import static io.sluice.saas.customerio.CustomerioLimits.TRACK;
import static io.sluice.saas.customerio.CustomerioLimits.WORKSPACE;

import io.quarkus.arc.Unremovable;
import io.sluice.InvalidConfigException;
import io.sluice.budget.window.Limit;
import io.sluice.call.Credential;
import io.sluice.call.Dialect;
import io.sluice.call.Operation;
import io.sluice.reconcile.OutcomeResolver;
import io.sluice.saas.Accounts;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.RateLimitBackstops;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * Customer.io, a messaging platform with three APIs that have hosts and credentials of their own: its surfaces,
 * operations, accounts and limits.
 */
@ApplicationScoped
public class Customerio implements Vendor {
    public static final String NAME = "customerio";

    /** The identifier of the resolver of unknown outcomes of broadcasts. */
    public static final String BROADCASTS = "customerio.broadcasts";

    private static final Operation IDENTIFY_PERSON = Operation.idempotentWrite("identify", IDENTIFY, WORKSPACE);
    private static final Operation DELETE_PERSON = Operation.idempotentWrite("delete-person", IDENTIFY, WORKSPACE);
    private static final Operation TRACK_EVENT = Operation.write("track", TRACK, WORKSPACE);
    private static final Operation SET_DEVICE = Operation.idempotentWrite("set-device", IDENTIFY, WORKSPACE);
    private static final Operation SUPPRESS = Operation.idempotentWrite("suppress", IDENTIFY, WORKSPACE);
    private static final Operation CHANGE_SEGMENT = Operation.idempotentWrite("change-segment", IDENTIFY, WORKSPACE);
    private static final Operation MERGE = Operation.nonRepeatableWrite("merge", IDENTIFY, WORKSPACE);
    private static final Operation SEND_BATCH = Operation.write("batch", BATCH, WORKSPACE);
    private static final Operation TRACK_READ = Operation.read("track-read", TRACK, WORKSPACE);
    private static final Operation TRACK_WRITE = Operation.write("track-write", TRACK, WORKSPACE);

    private static final Operation INGEST = Operation.write("pipelines", PIPELINES);
    private static final Operation VIEW = Operation.write("pipelines-page", PIPELINES, PAGE);
    private static final Operation PIPELINES_READ = Operation.read("pipelines-read", PIPELINES);
    private static final Operation PIPELINES_WRITE = Operation.write("pipelines-write", PIPELINES);

    /** All operations. */
    static final List<Operation> OPERATIONS = Stream.of(
                    List.of(
                            IDENTIFY_PERSON,
                            DELETE_PERSON,
                            TRACK_EVENT,
                            SET_DEVICE,
                            SUPPRESS,
                            CHANGE_SEGMENT,
                            MERGE,
                            SEND_BATCH,
                            TRACK_READ,
                            TRACK_WRITE),
                    CustomerioAppSurface.OPERATIONS,
                    List.of(INGEST, VIEW, PIPELINES_READ, PIPELINES_WRITE))
            .flatMap(List::stream)
            .toList();

    private static final Dialect DIALECT = new CustomerioDialect();

    private final CustomerioConfig config;
    private final Accounts<CustomerioConfig.Account> accounts;
    private final Surface app;
    private final List<Surface> surfaces;

    Customerio(
            CustomerioConfig config,
            @RestClient CustomerioTrackApi track,
            @RestClient CustomerioAppApi app,
            @RestClient CustomerioPipelinesApi pipelines,
            @Identifier(BROADCASTS) OutcomeResolver broadcasts) {
        this.config = config;
        this.accounts = new Accounts<>(NAME, config.accounts());
        config.accounts().forEach(this::checkCredentials);
        this.app = CustomerioAppSurface.of(config, app, broadcasts);
        this.surfaces = List.of(track(track), this.app, pipelines(pipelines));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Surface> surfaces() {
        return surfaces;
    }

    /** The App API. */
    Surface app() {
        return app;
    }

    /** The API with that name, such as {@code track}. */
    public Surface surface(String name) {
        return surfaces.stream()
                .filter(surface -> surface.mount().equals(NAME + "/" + name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Map<String, OperationConfig> operations() {
        return config.operations();
    }

    @Override
    public Map<String, List<Limit>> limits() {
        return limits(config);
    }

    @Override
    public Map<String, List<Limit>> documentedLimits() {
        return new Accounts<>(NAME, config.accounts()).limits(account -> CustomerioLimits.of(account.plan()));
    }

    /** The backstops of the interfaces. Static, since they are needed before the REST clients can be made. */
    @Produces
    @Singleton
    @Unremovable
    static RateLimitBackstops backstops(CustomerioConfig config) {
        return new RateLimitBackstops(
                List.of(
                        CustomerioTrackApi.class,
                        CustomerioAppApi.class,
                        CustomerioPipelinesApi.class,
                        CustomerioFilesApi.class),
                OPERATIONS,
                () -> limits(config));
    }

    static Map<String, List<Limit>> limits(CustomerioConfig config) {
        return new Accounts<>(NAME, config.accounts())
                .limits(account -> CustomerioLimits.of(account.plan()), CustomerioConfig.Account::limits);
    }

    private Surface track(CustomerioTrackApi api) {
        String person = "/api/v1/customers/{identifier}";
        List<Route> routes = List.of(
                Route.of("PUT", person, IDENTIFY_PERSON, api::identify),
                Route.of("DELETE", person, DELETE_PERSON, api::deletePerson),
                Route.of("POST", person + "/events", TRACK_EVENT, api::track),
                Route.of("POST", "/api/v1/events", TRACK_EVENT, api::track),
                Route.of("PUT", person + "/devices", SET_DEVICE, api::setDevice),
                Route.of("DELETE", person + "/devices/{device_id}", SET_DEVICE, api::setDevice),
                Route.of("POST", person + "/suppress", SUPPRESS, api::suppress),
                Route.of("POST", person + "/unsuppress", SUPPRESS, api::suppress),
                Route.of("POST", "/api/v1/merge_customers", MERGE, api::merge),
                Route.of("POST", "/api/v1/segments/{segment_id}/add_customers", CHANGE_SEGMENT, api::changeSegment),
                Route.of("POST", "/api/v1/segments/{segment_id}/remove_customers", CHANGE_SEGMENT, api::changeSegment),
                Route.of("POST", "/api/v2/entity", SEND_BATCH, api::batch),
                Route.of("POST", "/api/v2/batch", SEND_BATCH, api::batch),
                Route.anyRead(TRACK_READ, api::trackRead),
                Route.any(TRACK_WRITE, api::trackWrite));
        return new Surface(
                NAME,
                NAME + "/track",
                accounts.at(
                        "track-url",
                        account -> account.trackUrl().orElseGet(account.region()::track),
                        CustomerioConfig.Region.all(CustomerioConfig.Region::track),
                        account -> account.siteId()
                                .flatMap(site -> account.trackApiKey().map(key -> Credential.basic(site, key)))),
                routes,
                DIALECT,
                CustomerioErrors.TRACK);
    }

    private Surface pipelines(CustomerioPipelinesApi api) {
        List<Route> routes = List.of(
                Route.of("POST", "/v1/identify", INGEST, api::pipelines),
                Route.of("POST", "/v1/track", INGEST, api::pipelines),
                Route.of("POST", "/v1/group", INGEST, api::pipelines),
                Route.of("POST", "/v1/alias", INGEST, api::pipelines),
                Route.of("POST", "/v1/batch", INGEST, api::pipelines),
                Route.of("POST", "/v1/page", VIEW, api::pipelinesPage),
                Route.of("POST", "/v1/screen", VIEW, api::pipelinesPage),
                Route.anyRead(PIPELINES_READ, api::pipelinesRead),
                Route.any(PIPELINES_WRITE, api::pipelinesWrite));
        return new Surface(
                NAME,
                NAME + "/pipelines",
                accounts.at(
                        "pipelines-url",
                        account -> account.pipelinesUrl().orElseGet(account.region()::pipelines),
                        CustomerioConfig.Region.all(CustomerioConfig.Region::pipelines),
                        account -> account.pipelinesKey().map(key -> Credential.basic(key, ""))),
                routes,
                DIALECT,
                CustomerioErrors.PIPELINES);
    }

    private void checkCredentials(String name, CustomerioConfig.Account account) {
        String key = accounts.keyOf(name);
        InvalidConfigException.check(
                account.siteId().isPresent() == account.trackApiKey().isPresent(),
                key + ".site-id",
                () -> "site-id and track-api-key go together");
        Optional<String> any = account.trackApiKey().or(account::appApiKey).or(account::pipelinesKey);
        InvalidConfigException.check(
                any.isPresent(), key, () -> "needs site-id and track-api-key, app-api-key or pipelines-key");
    }
}
