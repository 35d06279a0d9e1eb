package io.sluice.sandbox.customerio;

import io.sluice.sandbox.http.Json;
import io.sluice.sandbox.http.StoreFullException;
import io.sluice.sandbox.http.Vendor;
import io.sluice.sandbox.limits.SandboxClock;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The people of a workspace, found by id, email or cio_id. Guarded by the lock of its {@link Vendor}. */
final class CustomerioPeople {
    private final SandboxClock clock;
    private final int maxRecords;
    private final Map<String, CustomerioPerson> people = new LinkedHashMap<>(); // by cio_id
    private final Map<String, String> index = new HashMap<>(); // "id:42" or "email:a@b.c" to cio_id
    private long lastId;
    private long conflicts;
    private long merges;

    CustomerioPeople(SandboxClock clock, int maxRecords) {
        this.clock = clock;
        this.maxRecords = maxRecords;
    }

    /** An identifier by which a call names a person. */
    record Identifier(String kind, String value) {
        static Identifier ofPath(String segment) {
            if (segment.startsWith("cio_")) {
                return new Identifier("cio_id", segment.substring("cio_".length()));
            }
            return new Identifier(segment.contains("@") ? "email" : "id", segment);
        }

        /** The one identifier in an object, or null when there is not exactly one. */
        static @Nullable Identifier of(@Nullable JsonObject identifiers) {
            if (identifiers == null || identifiers.size() != 1) {
                return null;
            }
            String kind = identifiers.fieldNames().iterator().next();
            Object value = identifiers.getValue(kind);
            return value == null ? null : new Identifier(kind, value.toString());
        }
    }

    @Nullable
    CustomerioPerson find(Identifier identifier) {
        String cioId = identifier.kind().equals("cio_id")
                ? identifier.value()
                : index.get(identifier.kind() + ":" + identifier.value());
        return cioId == null ? null : people.get(cioId);
    }

    CustomerioPerson findOrCreate(Identifier identifier) {
        CustomerioPerson found = find(identifier);
        if (found != null) {
            return found;
        }
        StoreFullException.check("Customer.io people", people.size(), maxRecords);
        CustomerioPerson person = new CustomerioPerson("%08x".formatted(++lastId));
        people.put(person.cioId(), person);
        name(person, identifier.kind(), identifier.value());
        return person;
    }

    /** Gives a person an identifier; a conflict is accepted and changes nothing, as at the vendor. */
    private void name(CustomerioPerson person, String kind, String value) {
        if (kind.equals("cio_id")) {
            return;
        }
        String key = kind + ":" + value;
        String owner = index.get(key);
        if (owner != null && !owner.equals(person.cioId())) {
            conflicts++;
            return;
        }
        switch (kind) {
            case "id" -> {
                index.remove("id:" + person.id());
                person.id(value);
            }
            case "email" -> {
                index.remove("email:" + person.email());
                person.email(value);
            }
            default -> person.set(kind, value, clock.seconds());
        }
        index.put(key, person.cioId());
    }

    /**
     * Creates or updates a person.
     *
     * @param timestamp seconds; values newer than it stay, null for now
     */
    void identify(Identifier identifier, JsonObject attributes, @Nullable Long timestamp) {
        boolean updateOnly = "true".equals(String.valueOf(attributes.getValue("_update")));
        CustomerioPerson person = updateOnly ? find(identifier) : findOrCreate(identifier);
        if (person == null || person.suppressed()) {
            return;
        }
        Long own = attributes.getLong("_timestamp", timestamp);
        long at = own == null ? clock.seconds() : own;
        attributes.forEach(attribute -> set(person, attribute.getKey(), attribute.getValue(), at));
        person.updated();
    }

    private void set(CustomerioPerson person, String name, @Nullable Object value, long at) {
        switch (name) {
            case "_update", "_timestamp", "cio_relationships" -> {}
            case "id", "email" -> {
                if (value != null) {
                    name(person, name, value.toString());
                }
            }
            default -> person.set(name, value, at);
        }
    }

    void delete(Identifier identifier) {
        CustomerioPerson person = find(identifier);
        if (person != null) {
            people.remove(person.cioId());
            index.remove("id:" + person.id());
            index.remove("email:" + person.email());
        }
    }

    /** Moves what only the second person has to the first, and removes the second. */
    void merge(Identifier primary, Identifier secondary) {
        CustomerioPerson first = findOrCreate(primary);
        CustomerioPerson second = find(secondary);
        if (second == null || second == first) {
            return;
        }
        JsonObject moved = second.report().getJsonObject("attributes");
        delete(secondary);
        moved.forEach(attribute -> {
            if (first.attribute(attribute.getKey()) == null) {
                first.set(attribute.getKey(), attribute.getValue(), clock.seconds());
            }
        });
        first.devices().putAll(second.devices());
        merges++;
    }

    Collection<CustomerioPerson> all() {
        return Collections.unmodifiableCollection(people.values());
    }

    JsonObject summary() {
        return Json.of("people", people.size(), "identifier_conflicts", conflicts, "merges", merges);
    }

    /** Every person by id, or by email or cio_id where there is none. */
    JsonObject details() {
        JsonObject json = new JsonObject();
        for (CustomerioPerson person : people.values()) {
            String name = person.id() != null ? person.id() : person.email();
            json.put(name == null ? "cio_" + person.cioId() : name, person.report());
        }
        return Json.of("people", json);
    }

    void reset() {
        people.clear();
        index.clear();
        conflicts = 0;
        merges = 0;
    }
}
