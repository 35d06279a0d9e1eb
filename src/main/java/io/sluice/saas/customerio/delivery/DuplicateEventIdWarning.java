package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.AccountId;
import io.sluice.saas.customerio.Customerio;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * A warning about callers that give the same id to different events: Customer.io takes all but the first for duplicates
 * and drops them without an error. Remembers the latest ids only. Thread-safe.
 */
@Singleton
public class DuplicateEventIdWarning {
    private static final Logger LOG = Logger.getLogger(DuplicateEventIdWarning.class);
    private static final int REMEMBERED = 10_000;
    /** Only one in so many duplicates is logged: each further warning would be the same. */
    private static final int WARNED_EVERY = 1_000;

    private final Map<String, Integer> events = new LinkedHashMap<>(16, 0.75f, true) { // guarded by this
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                    return size() > REMEMBERED;
                }
            };

    private long reused; // guarded by this

    /** Checks an event of Track v2 as its caller gave it; true if a different event had its id. */
    boolean check(String account, ObjectNode event) {
        JsonNode id = event.path("id");
        if (id.isMissingNode() || id.isNull()) {
            return false;
        }
        ObjectNode content = event.deepCopy();
        content.remove("timestamp");
        int hash = content.hashCode();
        synchronized (this) {
            Integer before = events.put(account + '\n' + id.asText(), hash);
            if (before == null || before == hash) {
                return false;
            }
            if (reused++ % WARNED_EVERY == 0) {
                LOG.warnf(
                        "different events share an id: account=%s count=%d;"
                                + " Customer.io drops all but the first of each",
                        new AccountId(Customerio.NAME, account), reused);
            }
            return true;
        }
    }
}
