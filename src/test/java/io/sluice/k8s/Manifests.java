package io.sluice.k8s;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The YAML files under one folder, read into typed models and as strictly as an API server reads them with {@code
 * --validate=strict}: unknown kinds, unknown fields and fields that stand twice are errors.
 */
final class Manifests {
    /** What may stand in a kustomization of ours, or in a component, which others add to theirs. */
    record Kustomization(
            String apiVersion,
            String kind,
            List<String> resources,
            @Nullable List<Patch> patches) {
        /** A file, or operations that stand there themselves; one with a target may find nothing to change. */
        record Patch(
                @Nullable String path,
                @Nullable String patch,
                @Nullable Target target) {}

        record Target(String group, String kind, String name) {}

        List<Patch> allPatches() {
            return patches == null ? List.of() : patches;
        }

        List<String> files() {
            return Stream.concat(
                            resources.stream(), allPatches().stream().flatMap(patch -> Stream.ofNullable(patch.path())))
                    .toList();
        }
    }

    private static final String DELETION = "$patch";

    private static final Map<String, Class<?>> MODELS = Map.ofEntries(
            Map.entry("kustomize.config.k8s.io/v1beta1 Kustomization", Kustomization.class),
            Map.entry("kustomize.config.k8s.io/v1alpha1 Component", Kustomization.class),
            Map.entry("v1 ConfigMap", ConfigMap.class),
            Map.entry("v1 PersistentVolumeClaim", PersistentVolumeClaim.class),
            Map.entry("v1 Service", Service.class),
            Map.entry("v1 ServiceAccount", ServiceAccount.class),
            Map.entry("apps/v1 Deployment", Deployment.class),
            Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
            Map.entry("monitoring.coreos.com/v1 PodMonitor", PodMonitor.class),
            Map.entry("monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class),
            Map.entry("serving.knative.dev/v1 Service", io.fabric8.knative.serving.v1.Service.class));

    private static final ObjectMapper STRICT = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new NoCatchAll())
            .build();

    private final Path folder;

    Manifests(Path folder) {
        this.folder = folder;
    }

    /** Every YAML file below the folder, relative to it. */
    List<Path> files() {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".yaml"))
                    .map(folder::relativize)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Kustomization kustomization(String overlay) {
        return read(overlay + "/kustomization.yaml", Kustomization.class);
    }

    <T> T read(String file, Class<T> type) {
        return type.cast(read(file));
    }

    /** Reads one file. */
    Object read(String file) {
        try {
            return parse(Files.readString(folder.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** Whether the file is a patch that removes a resource of the base. */
    boolean deletes(String file) {
        try {
            return STRICT.readTree(folder.resolve(file).toFile())
                    .path(DELETION)
                    .asText()
                    .equals("delete");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one document. */
    static Object parse(String yaml) throws JsonProcessingException {
        JsonNode document = STRICT.readTree(yaml);
        String kind = document.path("apiVersion").asText() + " "
                + document.path("kind").asText();
        Class<?> model = MODELS.get(kind);
        if (model == null) {
            throw new IllegalArgumentException("unknown kind: " + kind);
        }
        if (document instanceof ObjectNode fields) {
            fields.remove(DELETION);
        }
        return STRICT.treeToValue(document, model);
    }

    /** What a resource is called among all others, in the way that kustomize matches patches with resources. */
    static String identity(HasMetadata resource) {
        return resource.getApiVersion() + " " + resource.getKind() + " "
                + resource.getMetadata().getName();
    }

    /** The models keep fields that they do not know in a map; without it they refuse them. */
    private static final class NoCatchAll extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return Boolean.FALSE;
        }
    }
}
