package io.sluice.gateway;

import io.quarkus.arc.All;
import io.sluice.InvalidConfigException;
import io.sluice.call.Target;
import io.sluice.saas.Surface;
import io.sluice.saas.Vendor;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The mounts: the paths and host names that lead to vendors' surfaces. */
@Singleton
public class Mounts {
    private static final String DEFAULT_ACCOUNT = "default";

    private final Map<String, Surface> byMount = new TreeMap<>();
    private final Map<String, Place> byHost = new HashMap<>();

    Mounts(@All List<Vendor> vendors, GatewayConfig config) {
        vendors.stream()
                .flatMap(vendor -> vendor.surfaces().stream())
                .forEach(surface -> byMount.put(surface.mount(), surface));
        config.hosts().forEach((host, mount) -> byHost.put(host.toLowerCase(Locale.ROOT), placeOf(host, mount)));
    }

    /**
     * The mount that a request is sent to.
     *
     * @param prefix the part of the path that Sluice added, without a slash at its end: a link to it is one to Sluice
     * @param target the remaining path and query, for the vendor
     */
    public record MountMatch(Surface surface, String account, String prefix, Target target) {}

    private record Place(Surface surface, String account) {}

    /**
     * Finds the mount of a request.
     *
     * @param host the request's host, without a port
     */
    public Optional<MountMatch> find(@Nullable String host, Target target) {
        Place named = host == null || byHost.isEmpty() ? null : byHost.get(host.toLowerCase(Locale.ROOT));
        if (named != null) {
            return Optional.of(new MountMatch(named.surface(), named.account(), "", target));
        }
        String first = target.segments().getFirst();
        String vendor = beforeAt(first);
        Surface whole = byMount.get(vendor);
        if (whole != null) {
            return Optional.of(new MountMatch(whole, afterAt(first), "/" + first, target.without(1)));
        }
        if (target.segments().size() < 2) {
            return Optional.empty();
        }
        String second = target.segments().get(1);
        return Optional.ofNullable(byMount.get(vendor + "/" + second))
                .map(part -> new MountMatch(part, afterAt(first), "/" + first + "/" + second, target.without(2)));
    }

    /** Returns the names of all mounts. */
    public List<String> names() {
        return List.copyOf(byMount.keySet());
    }

    private Place placeOf(String host, String mount) {
        int slash = mount.indexOf('/');
        String first = slash < 0 ? mount : mount.substring(0, slash);
        String rest = slash < 0 ? "" : mount.substring(slash);
        Surface surface = byMount.get(beforeAt(first) + rest);
        if (surface == null) {
            throw new InvalidConfigException(
                    "sluice.hosts.\"" + host + "\"", "there is no mount " + mount + "; there are " + names());
        }
        String account = afterAt(first);
        InvalidConfigException.check(
                surface.account(account).isPresent(),
                "sluice.hosts.\"" + host + "\"",
                () -> surface.mount() + " has no account " + account + "; there are "
                        + surface.accounts().keySet().stream().sorted().toList());
        return new Place(surface, account);
    }

    private static String beforeAt(String segment) {
        int at = segment.indexOf('@');
        return at < 0 ? segment : segment.substring(0, at);
    }

    private static String afterAt(String segment) {
        int at = segment.indexOf('@');
        return at < 0 ? DEFAULT_ACCOUNT : segment.substring(at + 1);
    }
}
