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
 * Has environment variables under {@code SLUICE_} checked as all other configuration is. SmallRye Config leaves out of its
 * search for unknown keys what comes from a source that is called as that of the environment, since other programs put
 * variables there too; those under our prefix are ours, and a misspelt one would have no effect without a word. So their
 * values say that they come from the variable.
 *
 * <p>Which key a variable means is SmallRye's to say. It cannot know that {@code SLUICE_TEAMS_DATA_PLATFORM_KEY_HASH} is
 * that of the team {@code data-platform} where nothing else names it, but when the key itself is asked for, the
 * variable answers. So a variable is known as well if it has the form of a key that was asked for, which is seen here: the
 * search comes after all mappings are made.
 */
// Between the interceptors for profiles and for expressions: keys come without a profile, and also those in
// expressions.
@Priority(Priorities.LIBRARY + 250)
public class VariableSources implements ConfigSourceInterceptor {
    private static final long serialVersionUID = 1;

    private static final String KEYS = "sluice.";
    private static final String PREFIX = "SLUICE_";

    /** What Kubernetes says of a Service in the environment of every pod beside it, one called sluice among them. */
    private static final Pattern SERVICE = Pattern.compile("SLUICE_([A-Z0-9_]+_)?SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)");

    private static final Pattern SERVICE_PORT =
            Pattern.compile("SLUICE_([A-Z0-9_]+_)?PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?");
    /** Those of {@link #SERVICE_PORT} that could be meant as a key have a URL as their value. */
    private static final Pattern URL_OF_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** The keys that were asked for, in the form of variables; guards itself. */
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

    /** Whether Kubernetes has put a variable there, rather than somebody who configures Sluice. */
    static boolean isOfService(String variable, @Nullable String value) {
        return SERVICE.matcher(variable).matches()
                || (SERVICE_PORT.matcher(variable).matches()
                        && (variable.matches(".*_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
                                || (value != null
                                        && URL_OF_SERVICE.matcher(value).matches())));
    }
}
