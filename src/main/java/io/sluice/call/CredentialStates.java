package io.sluice.call;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Which accounts' credentials their vendors refuse at the moment, as far as calls have shown. The log tells when that begins and
 * when it ends, however many calls meet it. Thread-safe.
 */
@ApplicationScoped
public class CredentialStates {
    private static final Logger LOG = Logger.getLogger(CredentialStates.class);

    /** An account of a vendor with several APIs has a credential for each. */
    private final Set<Account> refused = ConcurrentHashMap.newKeySet();

    /**
     * Takes note of what an answer tells about the credential that the call went with.
     *
     * @return whether the answer refuses it
     */
    public boolean refuses(Call call, VendorResponse answer) {
        Account account = call.account();
        boolean refuses = isRefusal(call, answer);
        if (refuses && refused.add(account)) {
            LOG.warnf(
                    "vendor refused the configured credential: account=%s url=%s status=%d request=%s; calls fail until it is replaced",
                    account.budget(), account.url(), answer.status(), call.id());
        } else if (answer.status() / 100 == 2 && !refused.isEmpty() && refused.remove(account)) {
            LOG.infof(
                    "vendor accepts the configured credential again: account=%s url=%s request=%s",
                    account.budget(), account.url(), call.id());
        }
        return refuses;
    }

    /** Whether an answer refuses the credential that the call went with. */
    public static boolean isRefusal(Call call, VendorResponse answer) {
        return call.account().credential().isPresent()
                && call.dialect().refusesCredential(answer.status(), answer::beginning);
    }

    /**
     * Whether the vendor refuses a credential of an account.
     *
     * @param budget the account, as {@code vendor/account}
     */
    public boolean refused(String budget) {
        return refused.stream().anyMatch(account -> account.budget().equals(budget));
    }
}
