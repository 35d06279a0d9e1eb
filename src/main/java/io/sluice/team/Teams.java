package io.sluice.team;

import io.sluice.InvalidConfigException;
import io.sluice.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The configured teams, by name and by key. */
@ApplicationScoped
public class Teams {
    private final Map<String, Team> byName = new TreeMap<>();
    private final Map<Team, byte[]> hashes = new HashMap<>();

    /** @throws io.sluice.InvalidConfigException if two teams share a key or a permission cannot be read */
    Teams(TeamsConfig config) {
        Map<String, String> owners = new HashMap<>();
        new TreeMap<>(config.teams()).forEach((name, team) -> {
            String other = owners.put(team.keyHash(), name);
            if (other != null) {
                throw new InvalidConfigException(key(name, "key-hash"), "is the same as that of team " + other);
            }
            add(name, team);
        });
    }

    /** Returns the teams, by name. */
    public Map<String, Team> all() {
        return byName;
    }

    /** Returns the teams that may call at least one operation of the vendor. */
    public List<Team> allowedToCall(String vendor) {
        return byName.values().stream().filter(team -> team.mayCall(vendor)).toList();
    }

    /** Returns the team that has this key. Takes the same time for every key. */
    public Optional<Team> byKey(String key) {
        byte[] hash = Sha256.of(key);
        Team holder = null;
        for (Map.Entry<Team, byte[]> team : hashes.entrySet()) {
            if (MessageDigest.isEqual(hash, team.getValue())) {
                holder = team.getKey();
            }
        }
        return Optional.ofNullable(holder);
    }

    private void add(String name, TeamsConfig.Team config) {
        Team team = new Team(
                name,
                config.weight(),
                permissions(name, config.allow()),
                config.admin(),
                config.maxQueued(),
                config.stale());
        byName.put(name, team);
        hashes.put(team, HexFormat.of().parseHex(config.keyHash()));
    }

    private static List<Permission> permissions(String team, List<String> allow) {
        try {
            return allow.stream().map(String::trim).map(Permission::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(key(team, "allow"), String.valueOf(e.getMessage()));
        }
    }

    private static String key(String team, String property) {
        return "sluice.teams." + team + "." + property;
    }
}
