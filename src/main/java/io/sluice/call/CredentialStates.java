package io.sluice.call;

import io.sluice.AccountId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The accounts whose credentials their vendors refuse at the moment, as far as calls have shown. Logs when that begins
 * and when it ends, however many calls are refused. Thread-safe.
 */
@ApplicationScoped
public class CredentialStates {
    private static final Logger LOG = Logger.getLogger(CredentialStates.class);

    /** The accounts by surface: a vendor with several APIs has a credential for each. */
    private final Set<Account> refused = ConcurrentHashMap.newKeySet();

    /**
     * Records what a response shows about the credential that the call was sent with.
     *
     * @return whether the response refuses it
     */
    public boolean refuses(Call call, VendorResponse answer) {
        Account account = call.account();
        boolean refuses = isRefusal(call.request(), answer);
        if (refuses && refused.add(account)) {
            LOG.warnf(
                    "vendor refused the configured credential: account=%s url=%s status=%d request=%s; calls fail until it is replaced",
                    account.id(), account.url(), answer.status(), call.id());
        } else if (answer.status() / 100 == 2 && !refused.isEmpty() && refused.remove(account)) {
            LOG.infof(
                    "vendor accepts the configured credential again: account=%s url=%s request=%s",
                    account.id(), account.url(), call.id());
        }
        return refuses;
    }

    /** Returns true if a response refuses the credential that the call was sent with. */
    public static boolean isRefusal(CallRequest call, VendorResponse answer) {
        return call.account().credential().isPresent()
                && call.dialect().refusesCredential(answer.status(), answer::beginning);
    }

    /** Returns true if the vendor refuses a credential of an account. */
    public boolean refused(AccountId id) {
        return refused.stream().anyMatch(account -> account.id().equals(id));
    }
}
