package io.sluice.saas.clerk;

import io.sluice.InvalidConfigException;
import io.sluice.cache.CachePolicy;
import io.sluice.cache.TaggingRule;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import io.sluice.saas.Route;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The caching rules of Clerk's responses: the tags under which they are cached, and the tags that each write
 * invalidates. Tags name resources: {@code user:ID}, {@code organization:ID} (or its slug); and kinds of responses:
 * those that depend on which users there are, or on any of their fields, and those that depend on organizations.
 */
final class ClerkCaching {
    /** The tag of responses that depend on which users there are. */
    static final String ALL_USERS = "users";

    /** The tag of responses that depend on fields of users that the request does not name. */
    static final String ANY_USER = "users:any";

    /** The tag of responses that an unknown organization's change may concern. */
    static final String ALL_ORGANIZATIONS = "organizations";

    /** The tag of every organization: their numbers of members change with users. */
    static final String EVERY_ORGANIZATION = "organizations:every";

    /** The request headers in the cache key: each SDK asks for another version of the API, whose responses differ. */
    private static final List<String> KEY_HEADERS = List.of("Clerk-API-Version");

    /** The paths below which writes change no user and no organization that could be read here. */
    private static final Set<String> HARMLESS = Set.of(
            "sessions",
            "invitations",
            "sign_in_tokens",
            "testing_tokens",
            "actor_tokens",
            "m2m_tokens",
            "api_keys",
            "waitlist_entries",
            "webhooks",
            "jwt_templates",
            "allowlist_identifiers",
            "blocklist_identifiers");

    private final ClerkConfig.Cache config;

    /** @param kept the operations whose responses can be cached */
    ClerkCaching(ClerkConfig.Cache config, Set<Operation> kept) {
        this.config = config;
        check(config, kept);
    }

    static String user(String id) {
        return "user:" + id;
    }

    static String organization(String id) {
        return "organization:" + id;
    }

    /** Caches a user by id. */
    Route users(Route route) {
        return kept(route, new Users());
    }

    /** Caches a number of users. */
    Route counts(Route route) {
        return kept(route, new Counts());
    }

    /** Caches an organization by id or slug. */
    Route organizations(Route route) {
        return kept(route, new Organizations());
    }

    private Route kept(Route route, TaggingRule tagging) {
        ClerkConfig.OperationCache own =
                config.operations().get(route.operation().name());
        Duration ttl = own == null ? config.ttl() : own.ttl();
        return ttl.isPositive()
                ? route.caching(new CachePolicy(ttl, config.missingTtl(), KEY_HEADERS, tagging))
                : route;
    }

    private static void check(ClerkConfig.Cache config, Set<Operation> kept) {
        String key = "sluice.clerk.cache.";
        InvalidConfigException.check(
                !config.ttl().isNegative(), key + "ttl", () -> "must not be negative: " + config.ttl());
        InvalidConfigException.check(
                !config.missingTtl().isNegative(),
                key + "missing-ttl",
                () -> "must not be negative: " + config.missingTtl());
        Set<String> names = kept.stream().map(Operation::name).collect(Collectors.toCollection(TreeSet::new));
        for (Map.Entry<String, ClerkConfig.OperationCache> own :
                config.operations().entrySet()) {
            InvalidConfigException.check(
                    names.contains(own.getKey()),
                    key + "operations." + own.getKey(),
                    () -> "only answers of " + names + " are kept");
            InvalidConfigException.check(
                    !own.getValue().ttl().isNegative(),
                    key + "operations." + own.getKey() + ".ttl",
                    () -> "must not be negative: " + own.getValue().ttl());
        }
    }

    /**
     * The tags of the resources that a write changes; empty, which means all of them, for paths with unknown effects.
     */
    static Optional<Set<String>> tagsChangedBy(String method, Target target) {
        List<String> path = target.names();
        String kind = path.size() < 2 ? path.getFirst() : path.getFirst().equals("v1") ? path.get(1) : path.getFirst();
        if (HARMLESS.contains(kind)) {
            return Optional.of(Set.of());
        }
        if (!path.getFirst().equals("v1")) {
            return Optional.empty();
        }
        return switch (kind) {
            case "users" -> path.size() == 2 ? Optional.of(Set.of(ALL_USERS, ANY_USER)) : userWrite(method, path);
            case "organizations" ->
                Optional.of(
                        path.size() == 2
                                ? Set.of(ALL_ORGANIZATIONS)
                                : Set.of(ALL_ORGANIZATIONS, organization(path.get(2))));
            default -> Optional.empty();
        };
    }

    private static Optional<Set<String>> userWrite(String method, List<String> path) {
        Set<String> tags = new HashSet<>(Set.of(user(path.get(2)), ANY_USER));
        if (method.equals("DELETE") && path.size() == 3) {
            tags.addAll(Set.of(ALL_USERS, EVERY_ORGANIZATION));
        }
        return Optional.of(tags);
    }

    private static final class Users implements TaggingRule {
        @Override
        public Set<String> of(CallRequest call) {
            return Set.of(user(id(call)));
        }

        @Override
        public Optional<TaggedContent> of(CallRequest call, int status, byte[] body) {
            String id = id(call);
            if (status == 404) {
                return Optional.of(new TaggedContent(Set.of(user(id), ALL_USERS), OptionalLong.empty()));
            }
            return ClerkResource.read(body)
                    .filter(user -> user.id().equals(id))
                    .map(user -> new TaggedContent(Set.of(user(id)), user.updatedAt()));
        }

        private static String id(CallRequest call) {
            return call.variables().getOrDefault("user_id", "");
        }
    }

    private static final class Counts implements TaggingRule {
        @Override
        public Set<String> of(CallRequest call) {
            return call.target().query().length() <= 1 ? Set.of(ALL_USERS) : Set.of(ALL_USERS, ANY_USER);
        }

        @Override
        public Optional<TaggedContent> of(CallRequest call, int status, byte[] body) {
            return Optional.of(new TaggedContent(of(call), OptionalLong.empty()));
        }
    }

    private static final class Organizations implements TaggingRule {
        @Override
        public Set<String> of(CallRequest call) {
            // Read by a slug, it may be the organization that another caller has just changed by its id.
            return Set.of(organization(asked(call)), ALL_ORGANIZATIONS, EVERY_ORGANIZATION);
        }

        @Override
        public Optional<TaggedContent> of(CallRequest call, int status, byte[] body) {
            if (status == 404) {
                return Optional.of(new TaggedContent(of(call), OptionalLong.empty()));
            }
            return ClerkResource.read(body)
                    .map(organization -> new TaggedContent(
                            Stream.of(organization(asked(call)), organization(organization.id()), EVERY_ORGANIZATION)
                                    .collect(Collectors.toSet()),
                            organization.updatedAt()));
        }

        private static String asked(CallRequest call) {
            return call.variables().getOrDefault("organization_id", "");
        }
    }
}
