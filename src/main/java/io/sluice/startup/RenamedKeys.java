package io.sluice.startup;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Configuration keys that were renamed, by their earlier names. An earlier name has no effect and stops the start; the
 * error text gives the present one, from this table. A {@code *} stands for a name that the user chooses.
 */
final class RenamedKeys {
    private static final Map<String, String> PRESENT_NAMES = Map.ofEntries(
            Map.entry("sluice.remember", "sluice.budget.persist"),
            Map.entry("sluice.saving.period", "sluice.budget.checkpoint-interval"),
            Map.entry("sluice.saving.overdue", "sluice.budget.checkpoint-timeout"),
            Map.entry("sluice.saving.retry", "sluice.budget.checkpoint-retry-delay"),
            Map.entry("sluice.shadow", "sluice.shadow-accounts"),
            Map.entry("sluice.waiting.by-default", "sluice.permit-wait.default"),
            Map.entry("sluice.waiting.max", "sluice.permit-wait.max"),
            Map.entry("sluice.waiting.max-requeues", "sluice.permit-wait.max-requeues"),
            Map.entry("sluice.waiting.look-first", "sluice.permit-wait.before-broadcast"),
            Map.entry("sluice.bodies.kept", "sluice.bodies.buffer-max"),
            Map.entry("sluice.bodies.kept-together", "sluice.bodies.buffer-total"),
            Map.entry("sluice.repeats.window", "sluice.idempotency.retry-window"),
            Map.entry("sluice.repeats.remembered", "sluice.idempotency.max-entries"),
            Map.entry("sluice.repeats.largest-answer", "sluice.idempotency.max-response"),
            Map.entry("sluice.repeats.largest-call", "sluice.idempotency.max-request"),
            Map.entry("sluice.repeats.look-every", "sluice.idempotency.poll-interval"),
            Map.entry("sluice.repeats.key-for", "sluice.idempotency.retention"),
            Map.entry("sluice.cache.refresh-patience", "sluice.cache.refresh-permit-timeout"),
            Map.entry("sluice.credential-check.patience", "sluice.credential-check.permit-timeout"),
            Map.entry("sluice.webhooks.remember", "sluice.webhooks.replay-retention"),
            Map.entry("sluice.exports.idempotency-for", "sluice.idempotency.retention"),
            Map.entry("sluice.exports.settle", "sluice.exports.reconcile-delay"),
            Map.entry("sluice.exports.refresh", "sluice.exports.slot-poll"),
            Map.entry("sluice.exports.refresh-waiting", "sluice.exports.slot-poll-when-full"),
            Map.entry("sluice.exports.parallel", "sluice.exports.max-concurrent"),
            Map.entry("sluice.exports.tick", "sluice.exports.poll-interval"),
            Map.entry("sluice.exports.patience", "sluice.exports.permit-timeout"),
            Map.entry("sluice.exports.remember-for", "sluice.exports.record-retention"),
            Map.entry("sluice.exports.events", "sluice.exports.event-interval"),
            Map.entry("sluice.deliveries.commit-together", "sluice.deliveries.group-commit-size"),
            Map.entry("sluice.deliveries.claim-together", "sluice.deliveries.claim-size"),
            Map.entry("sluice.deliveries.parallel", "sluice.deliveries.max-concurrent"),
            Map.entry("sluice.deliveries.tick", "sluice.deliveries.poll-interval"),
            Map.entry("sluice.deliveries.patience", "sluice.deliveries.permit-timeout"),
            Map.entry("sluice.deliveries.keep-delivered", "sluice.deliveries.delivered-retention"),
            Map.entry("sluice.deliveries.keep-dead", "sluice.deliveries.dead-letter-retention"),
            Map.entry("sluice.deliveries.drain", "sluice.deliveries.shutdown-timeout"),
            Map.entry("sluice.clerk.listing.patience", "sluice.clerk.listing.permit-timeout"),
            Map.entry("sluice.customerio.webhook-tolerance", "sluice.webhooks.tolerance"),
            Map.entry("sluice.customerio.keep-webhooks", "sluice.customerio.webhook-retention"),
            Map.entry("sluice.customerio.region-check.patience", "sluice.customerio.region-check.permit-timeout"),
            Map.entry("sluice.customerio.broadcasts.looks", "sluice.customerio.broadcasts.lookup-attempts"),
            Map.entry("sluice.customerio.broadcasts.look-every", "sluice.customerio.broadcasts.lookup-interval"),
            Map.entry("sluice.customerio.broadcasts.poll", "sluice.customerio.broadcasts.poll-interval"),
            Map.entry("sluice.customerio.broadcasts.remember", "sluice.customerio.broadcasts.claim-retention"),
            Map.entry("sluice.customerio.broadcasts.watch", "sluice.customerio.broadcasts.max-age"),
            Map.entry(
                    "sluice.customerio.accounts.*.passing-reasons", "sluice.customerio.accounts.*.transient-reasons"));

    /**
     * The earlier names in the form of variables, in which a dash cannot be told from a dot; the names that the user
     * chooses are groups.
     */
    private static final Map<Pattern, String> BY_VARIABLE = PRESENT_NAMES.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(entry -> pattern(entry.getKey()), Map.Entry::getValue));

    private RenamedKeys() {}

    /** Returns all earlier names, with the present ones. */
    static Map<String, String> all() {
        return PRESENT_NAMES;
    }

    /**
     * Returns the present name of a renamed key, which is written as in a file, or as SmallRye Config reads it from a
     * variable.
     */
    static Optional<String> presentName(String key) {
        return BY_VARIABLE.entrySet().stream()
                .flatMap(renamed -> renamed(key, renamed.getKey(), renamed.getValue()).stream())
                .findFirst();
    }

    private static Optional<String> renamed(String key, Pattern earlier, String present) {
        Matcher matcher = earlier.matcher(variable(key));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        // Both forms have as many characters, so the name stands at the same place in the key.
        return Optional.of(
                matcher.groupCount() == 0
                        ? present
                        : present.replace("*", key.substring(matcher.start(1), matcher.end(1))));
    }

    private static Pattern pattern(String earlier) {
        return Pattern.compile(Arrays.stream(earlier.split("\\*", -1))
                .map(part -> Pattern.quote(variable(part)))
                .collect(Collectors.joining("(.+)")));
    }

    private static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
