package io.sluice.saas;

import io.sluice.AccountId;
import io.sluice.InvalidConfigException;
import io.sluice.budget.window.Limit;
import io.sluice.call.Account;
import io.sluice.call.Credential;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A factory of a vendor's accounts and their limits, from its configuration.
 *
 * @param <C> the vendor's configuration of one account
 */
public final class Accounts<C> {
    private final String vendor;
    private final Map<String, C> configured;

    public Accounts(String vendor, Map<String, C> configured) {
        this.vendor = vendor;
        this.configured = configured;
    }

    /** The accounts of a vendor with only one surface, whose URL is the key {@code url}. */
    public Map<String, Account> at(Function<C, URI> url, Function<C, Credential> credential) {
        return at("url", url, account -> Optional.of(credential.apply(account)));
    }

    /**
     * The accounts at one surface: those that have a credential for it.
     *
     * @param key the configuration key of the URL, below the account's
     */
    public Map<String, Account> at(String key, Function<C, URI> url, Function<C, Optional<Credential>> credential) {
        return at(key, url, Set.of(), credential);
    }

    /** The same, at a surface that the vendor may redirect to other places of its own. */
    public Map<String, Account> at(
            String key, Function<C, URI> url, Set<URI> elsewhere, Function<C, Optional<Credential>> credential) {
        Map<String, Account> accounts = new TreeMap<>();
        configured.forEach((name, account) -> credential
                .apply(account)
                .ifPresent(secret -> accounts.put(
                        name,
                        new Account(
                                new AccountId(vendor, name),
                                checked(keyOf(name) + "." + key, url.apply(account)),
                                secret,
                                elsewhere))));
        return accounts;
    }

    /** Each account's limits: the documented ones, changed as configured. */
    public Map<String, List<Limit>> limits(
            Function<C, List<Limit>> documented, Function<C, Map<String, LimitConfig>> changes) {
        Map<String, List<Limit>> limits = new TreeMap<>();
        configured.forEach((name, account) -> limits.put(
                name, LimitConfig.apply(keyOf(name) + ".limits", documented.apply(account), changes.apply(account))));
        return limits;
    }

    /** Each account's limits as documented. */
    public Map<String, List<Limit>> limits(Function<C, List<Limit>> documented) {
        return limits(documented, account -> Map.of());
    }

    /** The configuration key of an account. */
    public String keyOf(String account) {
        return "sluice." + vendor + ".accounts." + account;
    }

    private static URI checked(String key, URI url) {
        boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        InvalidConfigException.check(
                web && url.getHost() != null, key, () -> "must be a URL that begins with http:// or https://: " + url);
        InvalidConfigException.check(
                url.getRawQuery() == null && url.getRawFragment() == null && url.getRawUserInfo() == null,
                key,
                () -> "must be a URL without query, fragment and user");
        return URI.create(url.toString().replaceAll("/+$", ""));
    }
}
