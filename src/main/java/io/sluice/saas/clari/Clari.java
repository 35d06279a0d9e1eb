package io.sluice.saas.clari;

import io.quarkus.arc.Unremovable;
import io.sluice.budget.window.Limit;
import io.sluice.saas.Accounts;
import io.sluice.saas.CredentialProbe;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.RateLimitBackstops;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Clari, a revenue platform: its surface, operations, accounts and limits. */
@ApplicationScoped
public class Clari implements Vendor {
    private final ClariConfig config;
    private final List<Surface> surfaces;

    Clari(ClariConfig config, @RestClient ClariApi api, MountSubmission submission) {
        this.config = config;
        this.surfaces = List.of(ClariSurface.of(config, api, submission));
    }

    @Override
    public String name() {
        return ClariSurface.NAME;
    }

    @Override
    public List<Surface> surfaces() {
        return surfaces;
    }

    @Override
    public List<CredentialProbe> credentialProbes() {
        return List.of(new CredentialProbe(surfaces.getFirst(), "/v4/admin/limits"));
    }

    @Override
    public Map<String, OperationConfig> operations() {
        return config.operations();
    }

    @Override
    public Map<String, List<Limit>> limits() {
        return limits(config);
    }

    @Override
    public Map<String, List<Limit>> documentedLimits() {
        return new Accounts<>(ClariSurface.NAME, config.accounts()).limits(account -> ClariLimits.DEFAULTS);
    }

    /** The backstops of the interface. Static, since they are needed before the REST client can be made. */
    @Produces
    @Singleton
    @Unremovable
    static RateLimitBackstops backstops(ClariConfig config) {
        return new RateLimitBackstops(List.of(ClariApi.class), ClariSurface.OPERATIONS, () -> limits(config));
    }

    static Map<String, List<Limit>> limits(ClariConfig config) {
        return new Accounts<>(ClariSurface.NAME, config.accounts())
                .limits(account -> ClariLimits.DEFAULTS, ClariConfig.Account::limits);
    }
}
