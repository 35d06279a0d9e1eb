package io.sluice.web;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.sluice.http.RequestIds;
import io.sluice.team.TeamIdentities;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** The log of admins' actions, one line each: action, admin, address, request, target and details. */
@Singleton
public class AdminLog {
    private static final Logger LOG = Logger.getLogger(AdminLog.class);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.:/@*-]+");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

    private final SecurityIdentity caller;
    private final CurrentVertxRequest request;
    private final RequestIds ids;

    AdminLog(SecurityIdentity caller, CurrentVertxRequest request, RequestIds ids) {
        this.caller = caller;
        this.request = request;
        this.ids = ids;
    }

    /**
     * Logs an action of the present request that is done.
     *
     * @param details names and values, in turn; text from a caller is quoted
     */
    void did(String action, Object... details) {
        RoutingContext routing = request.getCurrent();
        SocketAddress from = routing.request().remoteAddress();
        StringBuilder line = new StringBuilder("admin action:");
        add(line, "action", action);
        add(line, "team", TeamIdentities.teamOf(caller).name());
        add(line, "from", from == null ? "unknown" : from.hostAddress());
        add(line, "request", ids.of(routing));
        for (int i = 0; i < details.length; i += 2) {
            add(line, String.valueOf(details[i]), details[i + 1]);
        }
        LOG.info(line);
    }

    private static void add(StringBuilder line, String key, Object value) {
        String text = String.valueOf(value);
        line.append(' ').append(key).append('=').append(PLAIN.matcher(text).matches() ? text : quoted(text));
    }

    /** Returns a text in quotes on one line, whatever it contains. */
    private static String quoted(String text) {
        return '"'
                + UNPRINTABLE
                        .matcher(text)
                        .replaceAll(" ")
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                + '"';
    }
}
