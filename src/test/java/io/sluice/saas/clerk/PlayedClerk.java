package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cache.ResponseCache;
import io.sluice.call.Body;
import io.sluice.call.Call;
import io.sluice.call.CallMeters;
import io.sluice.call.PlayedAttempts;
import io.sluice.call.Sender;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.sluice.simulation.Interleaving;
import io.sluice.simulation.VirtualTime;
import io.sluice.webhook.FreshReplayGuard;
import io.sluice.webhook.Webhooks;
import io.sluice.webhook.WebhooksConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Clerk on virtual time, behind Sluice's own routes. Users and organizations have versions that grow with each change;
 * answers take their time, fail and get lost; every change is told in events that come late, twice, in any order or not
 * at all. Used by one thread at a time.
 */
public final class PlayedClerk {
    /** The number of users, which is a thing with a version too. */
    public static final String COUNT = "count";

    public static final List<String> ORGANIZATIONS = List.of("org_1", "org_2");

    private static final int USERS = 14;
    private static final int FIRST_USERS = 9;
    private static final long MILLISECOND = 1_000_000;
    private static final Instant EPOCH = Instant.ofEpochSecond(1_800_000_000);
    private static final String KEY = "a key of the played Clerk";
    private static final Pattern VERSION = Pattern.compile("\"v\":(\\d+)");
    private static final Pattern EXTERNAL_ID = Pattern.compile("\"external_id\":\"(\\w+)\"");

    private static final Map<String, String> CONFIG = Map.of(
            "sluice.clerk.accounts.default.secret-key",
            "sk_test_played",
            "sluice.clerk.accounts.default.webhook-secret",
            "whsec_" + Base64.getEncoder().encodeToString(KEY.getBytes(StandardCharsets.UTF_8)),
            // So little that calls wait, and go together.
            "sluice.clerk.accounts.default.limits.instance.permits",
            "3",
            "sluice.clerk.accounts.default.limits.instance.window",
            "1s");

    private static final class Thing {
        private final String id;
        private long version;
        private boolean there;
        private long createdAt;
        private long updatedAt;

        Thing(String id) {
            this.id = id;
        }
    }

    private final VirtualTime time;
    private final Interleaving threads;
    private final SplittableRandom random;
    private final Clerk clerk;
    private final PlayedAttempts attempts;
    private final Map<String, Thing> things = new TreeMap<>();
    private final Map<String, Map<String, Long>> done = new HashMap<>();
    private Webhooks webhooks = new Unheard();
    private boolean quiet;
    private long messages;
    private int together;
    private int heeded;

    public PlayedClerk(VirtualTime time, Interleaving threads, SplittableRandom random, CallMeters meters) {
        this.time = time;
        this.threads = threads;
        this.random = random;
        this.attempts = new PlayedAttempts(time, meters);
        this.clerk = on(CONFIG, call -> attempts.make(call, this::exchange));
        users().forEach(id -> things.put(id, new Thing(id)));
        users().limit(FIRST_USERS).forEach(id -> change(id, true));
        ORGANIZATIONS.forEach(id -> {
            things.put(id, new Thing(id));
            change(id, true);
        });
        things.put(COUNT, new Thing(COUNT));
        change(COUNT, true);
    }

    /** Clerk as it is, with all calls made in one way. */
    public static Clerk on(Map<String, String> config, Function<Call, Response> attempt) {
        ClerkApi api = (ClerkApi) Proxy.newProxyInstance(
                ClerkApi.class.getClassLoader(),
                new Class<?>[] {ClerkApi.class},
                (proxy, method, arguments) -> attempt.apply((Call) arguments[0]));
        return new Clerk(configured(ClerkConfig.class, config), api);
    }

    /** A part of the configuration as it is by default, but for the played account. */
    public static <C> C configured(Class<C> mapping) {
        return configured(mapping, CONFIG);
    }

    private static <C> C configured(Class<C> mapping, Map<String, String> config) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(mapping)
                .withDefaultValues(config)
                .build()
                .getConfigMapping(mapping);
    }

    /** The users that there are, were or may be. */
    public static Stream<String> users() {
        return Stream.iterate(1, i -> i <= USERS, i -> i + 1).map(i -> "user_" + i);
    }

    public Vendor vendor() {
        return clerk;
    }

    public Surface surface() {
        return clerk.surfaces().getFirst();
    }

    public InstantSource clock() {
        return () -> EPOCH.plusNanos(time.read());
    }

    /** From now on events come to Sluice, and spoil what is kept. */
    public void tell(ResponseCache cache) {
        WebhooksConfig config = configured(WebhooksConfig.class);
        webhooks = new ClerkWebhooks(
                configured(ClerkConfig.class), cache, new FreshReplayGuard(), config, clock(), new ObjectMapper());
    }

    public ClerkUsers lookups(Sender sender, ResponseCache cache) {
        return new ClerkUsers(clerk, configured(ClerkConfig.class), sender, cache, time);
    }

    /** From now on nothing goes wrong. */
    public void calmDown() {
        quiet = true;
    }

    public long version(String resource) {
        return resource(resource).version;
    }

    public boolean there(String resource) {
        return resource(resource).there;
    }

    /** The versions that a call has made, of each thing that it changed. */
    public Map<String, Long> done(String call) {
        return done.getOrDefault(call, Map.of());
    }

    /** How many users were asked for together with others. */
    public int together() {
        return together;
    }

    /** How many events Sluice has heeded. */
    public int heeded() {
        return heeded;
    }

    /** The version that an answer tells. */
    public static long told(String body) {
        Matcher version = VERSION.matcher(body);
        if (!version.find()) {
            throw new AssertionError("no version is told: " + body);
        }
        return Long.parseLong(version.group(1));
    }

    /** Somebody changes a thing without Sluice. */
    public void changeElsewhere(String id) {
        if (!there(id)) {
            create(id);
        } else if (!ORGANIZATIONS.contains(id) && random.nextInt(8) == 0) {
            delete(id);
        } else {
            change(id, true);
        }
    }

    /** Does nothing if there is such a user, or was. */
    private Map<String, Long> create(String id) {
        return version(id) > 0 ? Map.of() : Map.of(id, change(id, true), COUNT, change(COUNT, true));
    }

    private Map<String, Long> delete(String id) {
        if (!there(id)) {
            return Map.of();
        }
        Map<String, Long> changed = new HashMap<>();
        changed.put(id, change(id, false));
        changed.put(COUNT, change(COUNT, true));
        // They have a member less, which their own times of change do not tell.
        ORGANIZATIONS.forEach(organization -> changed.put(organization, ++resource(organization).version));
        return changed;
    }

    private long change(String id, boolean there) {
        Thing resource = resource(id);
        long now = clock().millis();
        String what = !there ? "deleted" : resource.there ? "updated" : "created";
        resource.createdAt = resource.there ? resource.createdAt : now;
        resource.there = there;
        resource.version++;
        resource.updatedAt = Math.max(now, resource.updatedAt + 1);
        if (!id.equals(COUNT)) {
            tellOf(resource, what);
        }
        return resource.version;
    }

    /** Up to three times, each up to two minutes late, as one message or several. */
    private void tellOf(Thing resource, String what) {
        String kind = resource.id.substring(0, resource.id.indexOf('_')).replace("org", "organization");
        String data = resource.there ? json(resource) : "{\"id\":\"%s\",\"deleted\":true}".formatted(resource.id);
        String event = "{\"type\":\"%s.%s\",\"data\":%s}".formatted(kind, what, data);
        String message = "msg_" + ++messages;
        for (int delivery = random.nextInt(4); delivery > 0; delivery--) {
            String id = random.nextBoolean() ? message : message + "_" + delivery;
            time.after(random.nextLong(120_000 * MILLISECOND), () -> deliver(id, event));
        }
    }

    private void deliver(String id, String event) {
        String timestamp = Long.toString(clock().instant().getEpochSecond());
        Map<String, String> headers = Map.of(
                "svix-id", id, "svix-timestamp", timestamp, "svix-signature", "v1," + sign(id, timestamp, event));
        Webhooks.Verdict verdict = webhooks.receive("default", headers::get, event.getBytes(StandardCharsets.UTF_8))
                .verdict();
        switch (verdict) {
            case DONE -> heeded++;
            case DUPLICATE -> {}
            default -> throw new AssertionError(verdict + " for " + event);
        }
    }

    private static String sign(String id, String timestamp, String event) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signed = (id + "." + timestamp + "." + event).getBytes(StandardCharsets.UTF_8);
            return Base64.getEncoder().encodeToString(mac.doFinal(signed));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Response exchange(Call call) throws IOException {
        threads.sleep(way());
        Response answer = answer(call, quiet ? 100 : random.nextInt(100));
        threads.sleep(way());
        return answer;
    }

    private Response answer(Call call, int fate) throws IOException {
        return switch (fate) {
            case 0, 1 ->
                Response.status(429)
                        .header("Retry-After", random.nextInt(1, 15))
                        .build();
            case 2, 3 -> Response.status(500).build();
            case 4 -> throw new IOException("lost on the way out");
            case 5, 6 -> {
                answer(call);
                throw new IOException("lost on the way back");
            }
            case 7 -> {
                answer(call);
                yield Response.status(500).build();
            }
            default -> answer(call);
        };
    }

    private Response answer(Call call) {
        List<String> path = call.request().target().names();
        String id = path.getLast();
        if (call.request().method().equals("GET")) {
            return path.size() == 2 ? list(call) : one(call, id);
        }
        Map<String, Long> changed = switch (call.request().method()) {
            case "POST" -> create(externalId(call.request().body()));
            case "DELETE" -> delete(id);
            default -> {
                String resource = path.get(2);
                yield there(resource) ? Map.of(resource, change(resource, true)) : Map.<String, Long>of();
            }
        };
        done.put(call.id(), changed);
        return changed.isEmpty()
                ? json(call.request().method().equals("POST") ? 422 : 404, "{\"errors\":[]}")
                : json(200, "{}");
    }

    private Response one(Call call, String id) {
        Thing resource = resource(id);
        if (!resource.there) {
            return json(404, "{\"errors\":[]}");
        }
        String etag = "\"" + resource.version + "\"";
        if (etag.equals(call.request().headers().getFirst("If-None-Match"))) {
            return Response.status(304).header("ETag", etag).build();
        }
        return Response.fromResponse(json(200, json(resource)))
                .header("ETag", etag)
                .build();
    }

    private Response list(Call call) {
        List<String> asked = Stream.of(
                        call.request().target().query().substring(1).split("&", -1))
                .filter(parameter -> parameter.startsWith("user_id=") || parameter.startsWith("external_id="))
                .map(parameter -> parameter.substring(parameter.indexOf('=') + 1))
                .toList();
        together += asked.size() - 1;
        List<Thing> found = new ArrayList<>(asked.stream()
                .map(this::resource)
                .filter(resource -> resource.there)
                .toList());
        return json(200, found.stream().map(PlayedClerk::json).collect(Collectors.joining(",", "[", "]")));
    }

    private static Response json(int status, String body) {
        return Response.status(status)
                .header("Content-Type", "application/json")
                .entity(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                .build();
    }

    private static String json(Thing resource) {
        return "{\"id\":\"%s\",\"external_id\":\"%s\",\"created_at\":%d,\"updated_at\":%d,\"v\":%d}"
                .formatted(resource.id, resource.id, resource.createdAt, resource.updatedAt, resource.version);
    }

    private static String externalId(Body body) {
        Matcher id = EXTERNAL_ID.matcher(new String(((Body.Buffered) body).bytes(), StandardCharsets.UTF_8));
        return id.find() ? id.group(1) : "";
    }

    private Thing resource(String id) {
        return Objects.requireNonNull(things.get(id), id);
    }

    private long way() {
        return random.nextInt(20) == 0 && !quiet
                ? random.nextLong(30_000 * MILLISECOND)
                : random.nextLong(300 * MILLISECOND);
    }

    /** Where events go before there is a Sluice. */
    private static final class Unheard implements Webhooks {
        @Override
        public String vendor() {
            return Clerk.NAME;
        }

        @Override
        public java.util.Set<String> accounts() {
            return java.util.Set.of();
        }

        @Override
        public Reception receive(
                String account,
                java.util.function.Function<String, @org.jspecify.annotations.Nullable String> header,
                byte[] body) {
            return new Reception(Verdict.DONE);
        }
    }
}
