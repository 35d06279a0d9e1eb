package io.sluice.saas.customerio;

import static io.sluice.saas.customerio.CustomerioLimits.BROADCAST;
import static io.sluice.saas.customerio.CustomerioLimits.BROADCAST_QUEUE;
import static io.sluice.saas.customerio.CustomerioLimits.EMAIL;
import static io.sluice.saas.customerio.CustomerioLimits.PUSH;
import static io.sluice.saas.customerio.CustomerioLimits.QUERY;

import io.sluice.call.Credential;
import io.sluice.call.Operation;
import io.sluice.reconcile.OutcomeResolver;
import io.sluice.saas.Accounts;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import java.util.List;

/**
 * The surface of Customer.io's App API: its operations, and the factory of the surface that leads to them. A class that
 * Customer.io's own bean needs makes itself a surface by this factory, since it cannot ask that bean for one.
 */
public final class CustomerioAppSurface {
    private static final Operation SEARCH = Operation.read("query", QUERY);
    private static final Operation SEND_EMAIL = Operation.nonRepeatableWrite("send-email", EMAIL);
    private static final Operation SEND_MESSAGE = Operation.nonRepeatableWrite("send-message", PUSH);
    private static final Operation TRIGGER_BROADCAST =
            Operation.nonRepeatableWrite("trigger-broadcast", BROADCAST, BROADCAST_QUEUE);
    static final Operation CREATE_EXPORT = Operation.write("create-export", QUERY);
    static final Operation DOWNLOAD_FILE = Operation.read("download-file");
    public static final Operation READ = Operation.read("read", QUERY);
    private static final Operation WRITE = Operation.write("write", QUERY);

    /** The operations of the App API, in the order above. */
    static final List<Operation> OPERATIONS =
            List.of(SEARCH, SEND_EMAIL, SEND_MESSAGE, TRIGGER_BROADCAST, CREATE_EXPORT, DOWNLOAD_FILE, READ, WRITE);

    private CustomerioAppSurface() {}

    /** The surface for Sluice's own reads. */
    public static Surface forReads(CustomerioConfig config, CustomerioAppApi api) {
        return of(config, List.of(Route.anyRead(READ, api::read)));
    }

    /**
     * The surface for all calls.
     *
     * @param broadcasts the resolver of triggers whose outcome is unknown
     */
    static Surface of(CustomerioConfig config, CustomerioAppApi api, OutcomeResolver broadcasts) {
        List<Route> routes = List.of(
                Route.of("POST", "/v1/customers", SEARCH, api::query),
                Route.of("POST", "/v1/customers/attributes", SEARCH, api::query),
                Route.of("POST", "/v1/objects", SEARCH, api::query),
                Route.of("POST", "/v1/send/email", SEND_EMAIL, api::sendEmail),
                Route.of("POST", "/v1/send/{channel}", SEND_MESSAGE, api::sendMessage),
                Route.of("POST", "/v1/campaigns/{broadcast_id}/triggers", TRIGGER_BROADCAST, api::triggerBroadcast)
                        .outcomeResolver(broadcasts),
                Route.of("POST", "/v1/exports/customers", CREATE_EXPORT, api::createExport),
                Route.of("POST", "/v1/exports/deliveries", CREATE_EXPORT, api::createExport),
                Route.anyRead(READ, api::read),
                Route.any(WRITE, api::write));
        return of(config, routes);
    }

    private static Surface of(CustomerioConfig config, List<Route> routes) {
        return new Surface(
                Customerio.NAME,
                Customerio.NAME + "/app",
                new Accounts<>(Customerio.NAME, config.accounts())
                        .at(
                                "app-url",
                                account -> account.appUrl().orElseGet(account.region()::app),
                                CustomerioConfig.Region.all(CustomerioConfig.Region::app),
                                account -> account.appApiKey().map(Credential::bearer)),
                routes,
                new CustomerioDialect(),
                CustomerioErrors.APP);
    }
}
