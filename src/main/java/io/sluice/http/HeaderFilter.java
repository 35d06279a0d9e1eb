package io.sluice.http;

import io.sluice.team.TeamKey;
import io.vertx.core.MultiMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jboss.resteasy.reactive.common.util.CaseInsensitiveMap;

/** The filter for headers that pass through Sluice, in either direction. */
public final class HeaderFilter {
    /** Headers that concern one connection only (RFC 9110, section 7.6.1). */
    private static final List<String> HOP_BY_HOP = List.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Headers that show where the caller came from: the vendor is called by the company, not by a team. */
    private static final List<String> FORWARDING = List.of(
            "forwarded",
            "via",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-forwarded-proto",
            "x-forwarded-server",
            "x-real-ip");

    /** Headers that the REST client writes itself, or that the server has answered already. */
    private static final List<String> REWRITTEN = List.of("host", "content-length", "expect", "cookie");

    /** Headers that would lead callers past Sluice, or make promises about hosts that are not the vendor's. */
    private static final List<String> VENDORS_OWN = List.of("set-cookie", "alt-svc", "strict-transport-security");

    private static final Set<String> NOT_TO_VENDOR = lowerCase(HOP_BY_HOP, FORWARDING, REWRITTEN, TeamKey.HEADERS);
    private static final Set<String> NOT_TO_CALLER = lowerCase(HOP_BY_HOP, VENDORS_OWN);

    private HeaderFilter() {}

    /** Returns the caller's headers for the vendor; lookup ignores the case of names. */
    public static MultivaluedMap<String, String> toVendor(MultiMap headers) {
        Set<String> named = connectionOptions(headers.getAll("Connection"));
        MultivaluedMap<String, String> passed = new CaseInsensitiveMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!NOT_TO_VENDOR.contains(name) && !named.contains(name)) {
                passed.add(header.getKey(), header.getValue());
            }
        }
        return passed;
    }

    /** Returns the vendor's headers for the caller; lookup ignores the case of names. */
    public static MultivaluedMap<String, String> toCaller(MultivaluedMap<String, String> headers) {
        Set<String> named = connectionOptions(headers.getOrDefault("Connection", List.of()));
        MultivaluedMap<String, String> passed = new CaseInsensitiveMap<>();
        headers.forEach((header, values) -> {
            String name = header.toLowerCase(Locale.ROOT);
            if (!NOT_TO_CALLER.contains(name) && !named.contains(name)) {
                passed.put(header, values);
            }
        });
        return passed;
    }

    /** Headers that {@code Connection} names concern one connection only, too. */
    private static Set<String> connectionOptions(List<String> values) {
        if (values.isEmpty()) {
            return Set.of();
        }
        Set<String> named = new HashSet<>();
        for (String value : values) {
            for (String option : value.split(",", -1)) {
                named.add(option.trim().toLowerCase(Locale.ROOT));
            }
        }
        return named;
    }

    @SafeVarargs
    private static Set<String> lowerCase(List<String>... lists) {
        Set<String> names = new HashSet<>();
        for (List<String> list : lists) {
            list.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        }
        return Set.copyOf(names);
    }
}
