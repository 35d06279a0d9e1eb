package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.Ulids;
import io.sluice.budget.Priority;
import io.sluice.delivery.Channel;
import io.sluice.delivery.Fate;
import io.sluice.delivery.Letter;
import io.sluice.vendor.OwnCalls;
import io.sluice.vendor.Surface;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Identifies many people at once. */
@Singleton
public class People {
    /** The operation that this counts as, for permissions. */
    public static final String OPERATION = "identify";

    private final Surface surface;
    private final OwnCalls calls;
    private final CustomerioConfig config;
    private final Stamp stamp;

    People(Customerio customerio, OwnCalls calls, CustomerioConfig config, Ulids ids, InstantSource clock) {
        this.surface = customerio.surface(TrackDeferrals.CHANNEL);
        this.calls = calls;
        this.config = config;
        this.stamp = new Stamp(ids, clock);
    }

    /** A person to create or update. */
    public record Person(String id, ObjectNode attributes) {}

    /** What became of a person. */
    public sealed interface Identified {
        /** The vendor has it. */
        record Done() implements Identified {}

        /**
         * The vendor has it not, as far as is known.
         *
         * @param again whether trying again may help
         */
        record Failed(String reason, boolean again) implements Identified {}
    }

    /** Whether there is such an account. */
    public boolean serves(String account) {
        return surface.account(account).isPresent();
    }

    /** Where the letters of people go. */
    public Channel channel(String account) {
        return new Channel(Customerio.NAME, account, TrackDeferrals.CHANNEL);
    }

    /** What is too large about a person, if anything is. */
    public Optional<String> oversize(Person person) {
        return Sizes.single(Json.bytes(payload(person)));
    }

    /** The people as letters, to be delivered later. */
    public List<Letter> letters(List<Person> people) {
        return people.stream()
                .map(person -> new Letter("id:" + person.id(), TrackDeferrals.ENTITY, OPERATION, payload(person)))
                .toList();
    }

    /**
     * Identifies people now, in as few calls as they fit into. Waits for permits and for the vendor.
     *
     * @return what became of each, in the same order
     */
    public List<Identified> identify(String account, String team, List<Person> people, Duration patience)
            throws InterruptedException {
        OwnCalls.On on = new OwnCalls.On(team, surface, account, Priority.INTERACTIVE, patience);
        BatchDelivery delivery = new BatchDelivery(
                batch -> Outcomes.of(calls.make(on, "POST", "/api/v2/batch", batch)),
                Optional.ofNullable(config.accounts().get(account))
                        .map(CustomerioConfig.Account::passingReasons)
                        .orElse(Set.of()));
        List<Identified> identified = new ArrayList<>();
        for (List<String> batch : batches(people)) {
            for (Fate fate : delivery.deliver(batch)) {
                identified.add(identified(fate));
            }
        }
        return identified;
    }

    /** A person who is named twice is in a second batch the second time, so that the order holds whatever is refused. */
    private List<List<String>> batches(List<Person> people) {
        List<List<String>> batches = new ArrayList<>();
        List<String> batch = new ArrayList<>();
        Set<String> named = new HashSet<>();
        int weight = BatchDelivery.FRAME;
        for (Person person : people) {
            String payload = payload(person);
            int more = Json.bytes(payload) + 1;
            if (!batch.isEmpty() && (weight + more > Sizes.BATCH || named.contains(person.id()))) {
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
        ObjectNode operation = Json.object().put("type", "person").put("action", "identify");
        operation.putObject("identifiers").put("id", person.id());
        operation.set("attributes", person.attributes());
        stamp.time(operation);
        return Json.text(operation);
    }

    private static Identified identified(Fate fate) {
        return switch (fate) {
            case Fate.Delivered() -> new Identified.Done();
            case Fate.Dead(String reason) -> new Identified.Failed(reason, false);
            case Fate.Again(String reason) -> new Identified.Failed(reason, true);
            case Fate.NotNow(Duration _, boolean _, String reason) -> new Identified.Failed(reason, true);
        };
    }
}
