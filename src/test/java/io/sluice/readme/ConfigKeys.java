package io.sluice.readme;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Every key of the code's {@code @ConfigMapping} interfaces. */
public final class ConfigKeys {
    private static final Set<Class<?>> NEED_NO_VALUE =
            Set.of(Optional.class, OptionalInt.class, OptionalLong.class, Map.class);

    private final Map<String, String> defaults = new TreeMap<>();

    private ConfigKeys() {}

    /** The interfaces themselves. */
    public static List<Class<?>> mappings() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.sluice").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .<Class<?>>map(JavaClass::reflect)
                        .toList();
    }

    /** Keys, in which {@code <>} stands for a name of the user's, with their defaults: {@code -} or {@code required}. */
    public static Map<String, String> withDefaults() {
        ConfigKeys keys = new ConfigKeys();
        mappings()
                .forEach(type ->
                        keys.group(type.getAnnotation(ConfigMapping.class).prefix(), type));
        return keys.defaults;
    }

    private void group(String prefix, Class<?> type) {
        Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .forEach(method -> member(prefix, method));
    }

    private void member(String prefix, Method method) {
        String key = method.isAnnotationPresent(WithParentName.class) ? prefix : prefix + "." + name(method);
        Type type = method.getGenericReturnType();
        while (raw(type) == Map.class) {
            key += ".<>";
            type = ((ParameterizedType) type).getActualTypeArguments()[1];
        }
        if (raw(type).isInterface() && raw(type).getName().startsWith("io.sluice.")) {
            group(key, raw(type));
        } else {
            defaults.put(key, byDefault(method));
        }
    }

    private static String byDefault(Method method) {
        WithDefault value = method.getAnnotation(WithDefault.class);
        return value != null ? value.value() : NEED_NO_VALUE.contains(method.getReturnType()) ? "-" : "required";
    }

    private static String name(Method method) {
        return Stream.ofNullable(method.getAnnotation(WithName.class))
                .map(WithName::value)
                .findFirst()
                .orElseGet(() -> method.getName()
                        .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-")
                        .toLowerCase(Locale.ROOT));
    }

    private static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType parameterized ? parameterized.getRawType() : type);
    }
}
