package io.sluice.call;

import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for one call to a vendor on behalf of a team: what is asked for, and how long its caller waits. Immutable;
 * headers and body are never changed.
 *
 * @param id the id of the caller's request, which the logs name; calls that serve the same request share it
 * @param target path and query at the vendor, after the account's URL
 * @param variables the values of the path variables of the operation's route, decoded
 * @param headers as they are sent to the vendor, except for the credential
 * @param deadline when the caller stops waiting for permits, on the ticker
 * @param route the template of the path, for the access log; null if it is unknown
 */
public record CallRequest(
        String id,
        Account account,
        Operation operation,
        Dialect dialect,
        String method,
        Target target,
        Map<String, String> variables,
        MultivaluedMap<String, String> headers,
        Body body,
        TeamShare teamShare,
        Priority priority,
        long deadline,
        @Nullable String route) {
    /** A request whose path has no known template. */
    public CallRequest(
            String id,
            Account account,
            Operation operation,
            Dialect dialect,
            String method,
            Target target,
            Map<String, String> variables,
            MultivaluedMap<String, String> headers,
            Body body,
            TeamShare teamShare,
            Priority priority,
            long deadline) {
        this(
                id, account, operation, dialect, method, target, variables, headers, body, teamShare, priority,
                deadline, null);
    }

    /** Returns true if it has the priority of bulk. */
    public boolean bulk() {
        return priority == Priority.BULK;
    }

    /** Returns the same request for a call that no caller waits for: as bulk, and with another deadline. */
    public CallRequest asBulkUntil(long otherDeadline) {
        return new CallRequest(
                id,
                account,
                operation,
                dialect,
                method,
                target,
                variables,
                headers,
                body,
                teamShare,
                Priority.BULK,
                otherDeadline,
                route);
    }

    /** Returns the same request with other headers. */
    public CallRequest withHeaders(MultivaluedMap<String, String> otherHeaders) {
        return new CallRequest(
                id,
                account,
                operation,
                dialect,
                method,
                target,
                variables,
                otherHeaders,
                body,
                teamShare,
                priority,
                deadline,
                route);
    }

    /** Returns a request of another operation and target, with this one's headers, on behalf of the same team. */
    public CallRequest as(Operation otherOperation, Target otherTarget, long otherDeadline) {
        return new CallRequest(
                id,
                account,
                otherOperation,
                dialect,
                method,
                otherTarget,
                Map.of(),
                headers,
                body,
                teamShare,
                priority,
                otherDeadline,
                route);
    }

    /** Returns the id: headers and body hold what must not be printed. */
    @Override
    public String toString() {
        return id;
    }
}
