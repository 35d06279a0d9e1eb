package io.sluice.startup;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.Priorities;
import io.smallrye.config.common.utils.StringUtil;
import jakarta.annotation.Priority;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The interceptor that has environment variables under {@code SLUICE_} checked like all other configuration. SmallRye
 * Config's search for unknown keys leaves out the source of the environment, by its name, since other programs put
 * variables there too; those under our prefix are ours, and a misspelt one would silently have no effect. So their
 * values are returned with a source name that names the variable.
 *
 * <p>SmallRye Config maps a variable's name to a key. It cannot map {@code SLUICE_TEAMS_DATA_PLATFORM_KEY_HASH} to the
 * team {@code data-platform} where no other source names that team, but when the key itself is read, the variable's
 * value is found. So a variable counts as known, too, if it has the form of a key that was read. This interceptor
 * records those keys: the search for unknown ones comes after all mappings are made.
 */
// Between the interceptors for profiles and for expressions: keys come without a profile, and also those in
// expressions.
@Priority(Priorities.LIBRARY + 250)
public class VariableSources implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1;

    private static final String KEYS = "sluice.";
    private static final String PREFIX = "SLUICE_";

    /** The variables that Kubernetes sets in every pod for each Service, one called sluice among them. */
    private static final Pattern SERVICE = Pattern.compile("SLUICE_([A-Z0-9_]+_)?SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)");

    private static final Pattern SERVICE_PORT =
            Pattern.compile("SLUICE_([A-Z0-9_]+_)?PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?");
    /** Those of {@link #SERVICE_PORT} that could be meant as a key have a URL as their value. */
    private static final Pattern URL_OF_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** The keys that were read, in the form of variables; a concurrent set. */
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    @Override
    public @Nullable ConfigValue getValue(ConfigSourceInterceptorContext context, String key) {
        ConfigValue value = context.proceed(key);
        if (!key.startsWith(KEYS) && !key.startsWith(PREFIX)) {
            return value;
        }
        String variable = StringUtil.replaceNonAlphanumericByUnderscores(key).toUpperCase(Locale.ROOT);
        boolean fromEnvironment = value != null
                && value.getConfigSourceName() != null
                && value.getConfigSourceName().startsWith(EnvConfigSource.NAME);
        if (!fromEnvironment) {
            asked.add(variable);
            return value;
        }
        if (isOfService(variable, value.getValue()) || !asked.add(variable)) {
            return value;
        }
        return value.withConfigSourceName("environment variable " + variable);
    }

    /** Returns true if Kubernetes has set the variable, rather than an operator who configures Sluice. */
    static boolean isOfService(String variable, @Nullable String value) {
        return SERVICE.matcher(variable).matches()
                || (SERVICE_PORT.matcher(variable).matches()
                        && (variable.matches(".*_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
                                || (value != null
                                        && URL_OF_SERVICE.matcher(value).matches())));
    }
}
