package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.AccountId;
import io.sluice.Ulids;
import io.sluice.budget.Priority;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.delivery.Destination;
import io.sluice.delivery.Message;
import io.sluice.saas.Surface;
import io.sluice.saas.VendorClient;
import io.sluice.saas.customerio.Customerio;
import io.sluice.saas.customerio.CustomerioConfig;
import io.sluice.saas.customerio.CustomerioJson;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Bulk identify: creates or updates many people in batches, at once or as messages for later. */
@Singleton
public class BatchIdentify {
    /** The operation that this counts as, for permissions. */
    public static final String OPERATION = "identify";

    private final Surface surface;
    private final VendorClient calls;
    private final CustomerioConfig config;
    private final EventDefaults defaults;

    BatchIdentify(Customerio customerio, VendorClient calls, CustomerioConfig config, Ulids ids, InstantSource clock) {
        this.surface = customerio.surface(TrackAsyncPolicy.DESTINATION);
        this.calls = calls;
        this.config = config;
        this.defaults = new EventDefaults(ids, clock);
    }

    /** A person to create or update. */
    public record Person(String id, ObjectNode attributes) {}

    /** The result for one person. */
    public sealed interface IdentifyResult {
        /** The vendor has accepted it. */
        record Done() implements IdentifyResult {}

        /**
         * The vendor has not accepted it, as far as is known.
         *
         * @param retryable true if trying again may help
         */
        record Failed(String reason, boolean retryable) implements IdentifyResult {}
    }

    /** True if there is such an account. */
    public boolean serves(String account) {
        return surface.account(account).isPresent();
    }

    /** The destination of people's messages. */
    public Destination destination(String account) {
        return new Destination(new AccountId(Customerio.NAME, account), TrackAsyncPolicy.DESTINATION);
    }

    /** The reason why a person is too large, if it is. */
    public Optional<String> oversize(Person person) {
        return SizeLimits.single(CustomerioJson.bytes(payload(person)));
    }

    /** The people as messages, to be delivered later. */
    public List<Message> messages(List<Person> people) {
        return people.stream()
                .map(person -> new Message("id:" + person.id(), TrackAsyncPolicy.ENTITY, OPERATION, payload(person)))
                .toList();
    }

    /**
     * Identifies people now, in as few calls as they fit into. Waits for permits and for the vendor.
     *
     * @return the result for each, in the same order
     */
    public List<IdentifyResult> identify(String account, String team, List<Person> people, Duration maxWait)
            throws InterruptedException {
        VendorClient.CallerContext caller =
                new VendorClient.CallerContext(team, surface, account, Priority.INTERACTIVE, maxWait);
        BatchDelivery delivery = new BatchDelivery(
                batch -> ResponseParser.parse(calls.make(caller, "POST", "/api/v2/batch", batch)),
                Optional.ofNullable(config.accounts().get(account))
                        .map(CustomerioConfig.Account::transientReasons)
                        .orElse(Set.of()));
        List<IdentifyResult> identified = new ArrayList<>();
        for (List<String> batch : batches(people)) {
            for (DeliveryOutcome outcome : delivery.deliver(batch)) {
                identified.add(identified(outcome));
            }
        }
        return identified;
    }

    /** Puts a person who is named twice into a second batch, so that the order holds even if one is refused. */
    private List<List<String>> batches(List<Person> people) {
        List<List<String>> batches = new ArrayList<>();
        List<String> batch = new ArrayList<>();
        Set<String> named = new HashSet<>();
        int weight = BatchDelivery.FRAME;
        for (Person person : people) {
            String payload = payload(person);
            int more = CustomerioJson.bytes(payload) + 1;
            if (!batch.isEmpty() && (weight + more > SizeLimits.BATCH || named.contains(person.id()))) {
                batches.add(batch);
                batch = new ArrayList<>();
                named.clear();
                weight = BatchDelivery.FRAME;
            }
            batch.add(payload);
            named.add(person.id());
            weight += more;
        }
        batches.add(batch);
        return batches;
    }

    private String payload(Person person) {
        ObjectNode operation = CustomerioJson.object().put("type", "person").put("action", "identify");
        operation.putObject("identifiers").put("id", person.id());
        operation.set("attributes", person.attributes());
        defaults.time(operation);
        return CustomerioJson.text(operation);
    }

    private static IdentifyResult identified(DeliveryOutcome outcome) {
        return switch (outcome) {
            case DeliveryOutcome.Delivered() -> new IdentifyResult.Done();
            case DeliveryOutcome.Rejected(String reason) -> new IdentifyResult.Failed(reason, false);
            case DeliveryOutcome.Retry(String reason) -> new IdentifyResult.Failed(reason, true);
            case DeliveryOutcome.Throttled throttled ->
                new IdentifyResult.Failed(throttled.reason(), !ResponseParser.refusesKey(throttled));
        };
    }
}
