package io.sluice.call;

import io.sluice.AccountId;
import io.sluice.budget.LimitFeedback;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.net.URI;
import java.util.Map;

/**
 * A builder of calls for tests: an interactive read of one account by one team, without headers and body, whose caller waits
 * for as long as it takes. A test sets what it is about.
 */
public final class CallBuilder {
    private String id = "call";
    private Account account = account("vendor", "default");
    private Operation operation = Operation.read("read", "instance");
    private Dialect dialect = (_, _, _) -> LimitFeedback.NONE;
    private final String method;
    private final Target target;
    private Map<String, String> variables = Map.of();
    private MultivaluedMap<String, String> headers = new MultivaluedHashMap<>();
    private Body body = new Body.None();
    private TeamShare team = new TeamShare("team", 1, 10);
    private Priority priority = Priority.INTERACTIVE;
    private long deadline = Long.MAX_VALUE;

    private CallBuilder(String method, Target target) {
        this.method = method;
        this.target = target;
    }

    /** Begins a call to a path, with its query. */
    public static CallBuilder of(String method, String target) {
        return of(method, Target.parse(target));
    }

    public static CallBuilder of(String method, Target target) {
        return new CallBuilder(method, target);
    }

    /** An account of that name, at an address that no test calls. */
    public static Account account(String vendor, String name) {
        return new Account(new AccountId(vendor, name), URI.create("http://vendor"), Credential.bearer("secret"));
    }

    public CallBuilder id(String value) {
        id = value;
        return this;
    }

    public CallBuilder account(Account value) {
        account = value;
        return this;
    }

    public CallBuilder operation(Operation value) {
        operation = value;
        return this;
    }

    public CallBuilder dialect(Dialect value) {
        dialect = value;
        return this;
    }

    public CallBuilder variables(Map<String, String> value) {
        variables = value;
        return this;
    }

    public CallBuilder headers(MultivaluedMap<String, String> value) {
        headers = value;
        return this;
    }

    public CallBuilder body(Body value) {
        body = value;
        return this;
    }

    public CallBuilder team(TeamShare value) {
        team = value;
        return this;
    }

    public CallBuilder priority(Priority value) {
        priority = value;
        return this;
    }

    /** Sets when the caller stops waiting for permits, on the ticker. */
    public CallBuilder deadline(long value) {
        deadline = value;
        return this;
    }

    /** A new call for the request. */
    public Call make() {
        return new Call(request());
    }

    /** Returns what the call asks for. */
    public CallRequest request() {
        return new CallRequest(
                id, account, operation, dialect, method, target, variables, headers, body, team, priority, deadline);
    }
}
