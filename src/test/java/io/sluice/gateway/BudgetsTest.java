package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.budget.BootClock;
import io.sluice.budget.Budget;
import io.sluice.budget.Decision;
import io.sluice.budget.LimitCost;
import io.sluice.budget.PermitRequest;
import io.sluice.budget.Priority;
import io.sluice.budget.TeamShare;
import io.sluice.budget.window.Limit;
import io.sluice.saas.OperationConfig;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import io.sluice.simulation.VirtualTime;
import io.sluice.store.Database;
import io.sluice.store.StoreConfig;
import io.sluice.team.ConfiguredTeams;
import io.sluice.team.Teams;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetsTest {
    private static final int PERMITS = 20;

    private final VirtualTime time = new VirtualTime();
    private final Budgets budgets = new Budgets();

    private record Acme() implements Vendor {
        @Override
        public String name() {
            return "acme";
        }

        @Override
        public List<Surface> surfaces() {
            return List.of();
        }

        @Override
        public Map<String, List<Limit>> limits() {
            return Map.of("default", List.of(Limit.Rate.window("api", PERMITS, Duration.ofMinutes(1))));
        }

        @Override
        public Map<String, List<Limit>> documentedLimits() {
            return limits();
        }

        @Override
        public Map<String, OperationConfig> operations() {
            return Map.of();
        }
    }

    private record Stored(Path dataDir, Database.Kind store) implements StoreConfig {}

    @AfterEach
    void close() {
        budgets.leaveFolder();
    }

    @Test
    void an_interactive_burst_on_an_account_that_one_team_may_use_has_no_bound() {
        Teams one = ConfiguredTeams.of(Map.of("crm", List.of("acme:*"), "data", List.of("other:*")));

        assertThat(grantedAtOnce(one)).isEqualTo(PERMITS);
    }

    @Test
    void where_two_teams_may_use_it_a_burst_leaves_half_for_the_other() {
        Teams two = ConfiguredTeams.of(Map.of("crm", List.of("acme:*"), "data", List.of("acme:read")));

        assertThat(grantedAtOnce(two)).isEqualTo(PERMITS / 2);
    }

    private int grantedAtOnce(Teams teams) {
        Budget budget = budgets.budget(
                time,
                time,
                () -> Instant.EPOCH,
                BootClock.NONE,
                new ObjectMapper(),
                Configured.hosts(Map.of()),
                new Stored(Path.of("unused"), Database.Kind.SQLITE),
                teams,
                List.of(new Acme()));
        AtomicInteger granted = new AtomicInteger();
        for (int call = 0; call < 2 * PERMITS; call++) {
            budget.enqueue(
                    new PermitRequest(
                            "acme/default",
                            "read",
                            List.of(LimitCost.on("api")),
                            new TeamShare("crm", 1, 1_000),
                            Priority.INTERACTIVE,
                            Duration.ZERO,
                            Optional.empty()),
                    decision -> {
                        if (decision instanceof Decision.Granted) {
                            granted.incrementAndGet();
                        }
                    });
        }
        return granted.get();
    }
}
