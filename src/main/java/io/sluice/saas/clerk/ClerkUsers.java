package io.sluice.saas.clerk;

import io.sluice.InvalidConfigException;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.Ticker;
import io.sluice.cache.CachePolicy;
import io.sluice.cache.ResponseCache;
import io.sluice.call.Account;
import io.sluice.call.Body;
import io.sluice.call.BufferedResponse;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Result;
import io.sluice.call.Sender;
import io.sluice.call.Target;
import io.sluice.call.VendorResponse;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Bulk reads of users: by their ids, 100 a call and cached ones without one; or all of them, page by page. */
@ApplicationScoped
public class ClerkUsers {
    /** How many ids one call can ask for. */
    public static final int TOGETHER = ClerkBatching.MOST;

    private static final String VERSION = "Clerk-API-Version";

    private final Surface surface;
    private final ClerkConfig.Listing config;
    private final int maxPageBytes;
    private final Sender sender;
    private final ResponseCache cache;
    private final Ticker ticker;

    ClerkUsers(Clerk clerk, ClerkConfig config, Sender sender, ResponseCache cache, Ticker ticker) {
        this.surface = clerk.surfaces().getFirst();
        this.config = config.listing();
        this.maxPageBytes = maxPageBytes(this.config);
        this.sender = sender;
        this.cache = cache;
        this.ticker = ticker;
    }

    /**
     * The configured size of a page, in bytes.
     *
     * @throws InvalidConfigException if it is out of range
     */
    static int maxPageBytes(ClerkConfig.Listing config) {
        long bytes = config.maxPageBytes().asLongValue();
        InvalidConfigException.check(
                bytes >= 1 << 10 && bytes <= 1 << 30,
                "sluice.clerk.listing.max-page-bytes",
                () -> "must be from 1K to 1G: " + bytes);
        return (int) bytes;
    }

    /**
     * The context of a lookup: the caller, and the conditions of its calls.
     *
     * @param account the account's name; one of {@link #accounts}
     * @param version the version of Clerk's API; null if none is asked for
     * @param maxWait how long each call may wait for a permit
     * @param requestId the id of the request that it is made for
     * @param begun called with each call before it is made, so that it can be cancelled
     */
    public record LookupContext(
            String account,
            @Nullable String version,
            TeamShare teamShare,
            Priority priority,
            Duration maxWait,
            String requestId,
            Consumer<Call> begun) {}

    /** The result of looking up one id. */
    public sealed interface UserLookup {
        /** The user, in Clerk's own bytes. */
        @SuppressWarnings("ArrayRecordComponent") // users are never compared
        record User(byte[] json) implements UserLookup {}

        /** No user has the id. */
        record Missing() implements UserLookup {}

        /** The value cannot be an id of Clerk's. */
        record NoId() implements UserLookup {}

        /** No lookup was made, or it failed. */
        record Unknown(Failure failure) implements UserLookup {}
    }

    /** The reason why there is no list. */
    public sealed interface Failure {
        /** No response, or no permit. */
        record NoAnswer(Result result) implements Failure {}

        /**
         * A response that is an error.
         *
         * @param quota true if a paid quota is used up
         */
        record Refused(int status, boolean quota) implements Failure {}
    }

    /** The names of the configured accounts. */
    public Set<String> accounts() {
        return surface.accounts().keySet();
    }

    /** The operation's name for permissions. */
    public static String operation() {
        return ClerkOperations.LIST_USERS.name();
    }

    /** The cached result for a user, if it is fresh. */
    public Optional<UserLookup> kept(LookupContext context, String id) {
        if (!ClerkBatching.plain(id)) {
            return Optional.of(new UserLookup.NoId());
        }
        return policy(id)
                .flatMap(policy -> cache.fresh(single(context, id), policy))
                .map(answer -> answer.status() == 404 ? new UserLookup.Missing() : new UserLookup.User(answer.body()));
    }

    /**
     * Looks users up, and caches them. Waits.
     *
     * @param ids at most {@link #TOGETHER}, all plain
     * @throws io.sluice.call.failure.CallAbandonedException if the caller disconnected meanwhile
     */
    public Map<String, UserLookup> ask(LookupContext context, Set<String> ids) throws InterruptedException {
        long since = cache.now();
        FetchResult fetched = fetch(context, ClerkBatching.list(List.copyOf(ids)));
        Map<String, UserLookup> results = new HashMap<>();
        switch (fetched) {
            case FetchResult.Unavailable(Failure failure) ->
                ids.forEach(id -> results.put(id, new UserLookup.Unknown(failure)));
            case FetchResult.Users(List<ClerkUserList.User> users) -> {
                ids.forEach(id -> results.put(id, new UserLookup.Missing()));
                users.forEach(user -> {
                    keep(context, user, since);
                    results.put(user.resource().id(), new UserLookup.User(user.json()));
                });
            }
        }
        return results;
    }

    /** Begins an iteration over all users, page by page. */
    public ClerkUserPages pages(LookupContext context, Map<String, List<String>> query) {
        return new ClerkUserPages(target -> fetch(context, target), query, config.pageSize());
    }

    /** The maximal wait of each page. */
    public Duration maxWait() {
        return config.permitTimeout();
    }

    /** The result of fetching a list. */
    sealed interface FetchResult {
        record Users(List<ClerkUserList.User> users) implements FetchResult {}

        record Unavailable(Failure failure) implements FetchResult {}
    }

    private FetchResult fetch(LookupContext context, Target target) throws InterruptedException {
        Route.Match match = surface.match("GET", target);
        Call call = new Call(request(context, target, match));
        context.begun().accept(call);
        Result result = sender.send(call, match.api());
        return switch (result) {
            case Result.Answered(VendorResponse answer, boolean _) -> read(call, answer);
            case Result.Shed _, Result.Failed _ -> new FetchResult.Unavailable(new Failure.NoAnswer(result));
        };
    }

    private FetchResult read(Call call, VendorResponse answer) {
        VendorResponse page = answer.streamingFor(call);
        try (InputStream _ = page.body()) {
            Optional<BufferedResponse> whole = page.readAll(maxPageBytes);
            if (page.status() != 200) {
                String error = whole.map(answered -> new String(answered.body(), StandardCharsets.UTF_8))
                        .orElse("");
                boolean quota = call.request().dialect().quotas().match(page.status(), error);
                return new FetchResult.Unavailable(new Failure.Refused(page.status(), quota));
            }
            return whole.flatMap(list -> ClerkUserList.read(list.body()))
                    .<FetchResult>map(FetchResult.Users::new)
                    .orElseGet(() -> new FetchResult.Unavailable(new Failure.Refused(502, false)));
        } catch (IOException brokenOff) {
            return new FetchResult.Unavailable(
                    new Failure.NoAnswer(new Result.Failed(Result.Cause.CONNECTION_LOST, false)));
        }
    }

    private void keep(LookupContext context, ClerkUserList.User user, long since) {
        policy(user.resource().id()).ifPresent(policy -> {
            MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
            headers.putSingle(HttpHeaders.CONTENT_TYPE, ClerkErrors.TYPE);
            headers.putSingle(HttpHeaders.CONTENT_LENGTH, Integer.toString(user.json().length));
            cache.store(
                    single(context, user.resource().id()),
                    policy,
                    new BufferedResponse(200, headers, user.json()),
                    since);
        });
    }

    private Optional<CachePolicy> policy(String id) {
        return Optional.ofNullable(
                surface.match("GET", Target.parse("/v1/users/" + id)).caching());
    }

    /** The read of a single user under which the response is cached. */
    private CallRequest single(LookupContext context, String id) {
        Target target = Target.parse("/v1/users/" + id);
        return request(context, target, surface.match("GET", target));
    }

    private CallRequest request(LookupContext context, Target target, Route.Match match) {
        Account account = surface.account(context.account()).orElseThrow();
        MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
        headers.putSingle(HttpHeaders.ACCEPT, "application/json");
        String version = context.version();
        if (version != null) {
            headers.putSingle(VERSION, version);
        }
        return new CallRequest(
                context.requestId(),
                account,
                match.operation(),
                surface.dialect(),
                "GET",
                target,
                match.variables(),
                headers,
                new Body.None(),
                context.teamShare(),
                context.priority(),
                ticker.read() + context.maxWait().toNanos(),
                surface.path(match));
    }
}
