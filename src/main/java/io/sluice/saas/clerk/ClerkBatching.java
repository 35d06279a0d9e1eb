package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.Call;
import io.sluice.call.CallRequest;
import io.sluice.call.Operation;
import io.sluice.call.Target;
import io.sluice.saas.Batching;
import io.sluice.saas.ErrorShape;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The batching of user reads: {@code GET /v1/users?user_id=...} in place of up to 100 {@code GET /v1/users/ID} (Clerk,
 * OpenAPI).
 */
final class ClerkBatching implements Batching {
    static final int MOST = 100;

    /**
     * The form of ids that are batched: a sign in front of an id would include or exclude, and an odd one might make
     * Clerk refuse all the others.
     */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_]{0,99}");

    private final Set<String> accounts;
    private final ClerkApi api;

    /** @param accounts those in which reads are batched */
    ClerkBatching(Set<String> accounts, ClerkApi api) {
        this.accounts = Set.copyOf(accounts);
        this.api = api;
    }

    /** True if Clerk certainly takes the value for one id and nothing else. */
    static boolean plain(String id) {
        return ID.matcher(id).matches();
    }

    @Override
    public int most() {
        return MOST;
    }

    @Override
    public Operation operation() {
        return ClerkOperations.LIST_USERS;
    }

    @Override
    public Response api(Call call) {
        return api.listUsers(call);
    }

    @Override
    public Optional<Single> single(CallRequest call) {
        String id = call.variables().getOrDefault("user_id", "");
        if (!call.target().query().isEmpty()
                || !accounts.contains(call.account().name())
                || !plain(id)) {
            return Optional.empty();
        }
        return Optional.of(new Single(id, String.valueOf(call.headers().getFirst("Clerk-API-Version"))));
    }

    @Override
    public Target together(List<String> ids) {
        return list(ids);
    }

    /** The target of the list of the users with these ids, which are plain. */
    static Target list(List<String> ids) {
        return Target.parse(ids.stream()
                .map(id -> "&user_id=" + id)
                .collect(Collectors.joining("", "/v1/users?limit=" + ids.size(), "")));
    }

    @Override
    public Optional<Map<String, byte[]>> apart(byte[] body) {
        return ClerkUserList.read(body).map(users -> {
            Map<String, byte[]> byId = new HashMap<>();
            users.forEach(user -> byId.put(user.resource().id(), user.json()));
            return byId;
        });
    }

    @Override
    public ErrorShape.Body missing(String id, String requestId) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putArray("errors").addObject();
        error.put("message", "not found");
        error.put("long_message", "No user was found with id " + id + ".");
        error.put("code", "resource_not_found");
        body.put("clerk_trace_id", requestId);
        return new ErrorShape.Body(ClerkErrors.TYPE, body.toString());
    }
}
