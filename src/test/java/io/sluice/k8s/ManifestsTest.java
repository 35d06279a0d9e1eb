package io.sluice.k8s;

import static io.sluice.k8s.Manifests.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PodMetricsEndpoint;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.RelabelConfig;
import io.sluice.k8s.Manifests.Kustomization;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ManifestsTest {
    private static final Path FOLDER = Path.of("k8s");
    /** Where Quarkus serves health and metrics unless it is configured otherwise. */
    private static final int MANAGEMENT = 9000;

    private static final Manifests MANIFESTS = new Manifests(FOLDER);
    private static final List<String> KUSTOMIZATIONS =
            List.of("base", "overlays/single", "overlays/knative", "components/postgresql", "components/monitoring");

    private static final Deployment BASE = MANIFESTS.read("base/deployment.yaml", Deployment.class);
    private static final Deployment SINGLE = MANIFESTS.read("overlays/single/deployment.yaml", Deployment.class);
    private static final io.fabric8.knative.serving.v1.Service KNATIVE =
            MANIFESTS.read("overlays/knative/service.yaml", io.fabric8.knative.serving.v1.Service.class);

    private static final PodMonitor MONITOR = MANIFESTS.read("components/monitoring/podmonitor.yaml", PodMonitor.class);
    private static final NetworkPolicy MONITORING_POLICY =
            MANIFESTS.read("components/monitoring/networkpolicy.yaml", NetworkPolicy.class);
    private static final NetworkPolicy DATABASE_POLICY =
            MANIFESTS.read("components/postgresql/networkpolicy.yaml", NetworkPolicy.class);
    private static final PodSpec DATABASE_POD = MANIFESTS
            .read("components/postgresql/deployment.yaml", Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec();

    private static final PodSpec BASE_POD = BASE.getSpec().getTemplate().getSpec();
    private static final Map<String, String> BASE_LABELS =
            BASE.getSpec().getTemplate().getMetadata().getLabels();
    private static final Map<String, String> KNATIVE_LABELS =
            KNATIVE.getSpec().getTemplate().getMetadata().getLabels();

    @Test
    void every_file_is_a_known_kind_with_known_fields_only() {
        assertThat(MANIFESTS.files())
                .isNotEmpty()
                .allSatisfy(file -> assertThat(MANIFESTS.read(file.toString())).isNotNull());
    }

    @Test
    void a_misspelt_field_is_found_at_any_depth() {
        String manifest = """
                apiVersion: apps/v1
                kind: Deployment
                spec:
                  template:
                    spec:
                      containers:
                        - name: sluice
                          readynessProbe: {}
                """;

        assertThatThrownBy(() -> Manifests.parse(manifest))
                .isInstanceOf(UnrecognizedPropertyException.class)
                .hasMessageContaining("readynessProbe");
    }

    @Test
    void a_misspelt_field_of_a_custom_resource_is_found() {
        assertThatThrownBy(() -> Manifests.parse("""
                        apiVersion: serving.knative.dev/v1
                        kind: Service
                        spec: {template: {spec: {containerConcurency: 0}}}
                        """)).isInstanceOf(UnrecognizedPropertyException.class);
        assertThatThrownBy(() -> Manifests.parse("""
                        apiVersion: monitoring.coreos.com/v1
                        kind: PodMonitor
                        spec: {podMetricsEndpoints: [{prt: http}]}
                        """)).isInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    void kustomizations_name_every_file_and_no_other() {
        Set<Path> named = new HashSet<>();

        for (String overlay : KUSTOMIZATIONS) {
            named.add(Path.of(overlay, "kustomization.yaml"));
            for (String file : MANIFESTS.kustomization(overlay).files()) {
                Path path = Path.of(overlay, file).normalize();
                named.add(Files.isDirectory(FOLDER.resolve(path)) ? path.resolve("kustomization.yaml") : path);
            }
        }

        assertThat(named).containsExactlyInAnyOrderElementsOf(MANIFESTS.files());
    }

    @Test
    void every_patch_changes_a_resource_of_the_base() {
        List<String> base = identities("base", MANIFESTS.kustomization("base").resources());

        for (String overlay : List.of("overlays/single", "overlays/knative", "components/postgresql")) {
            Kustomization kustomization = MANIFESTS.kustomization(overlay);
            List<String> patches = kustomization.files().stream()
                    .filter(file -> !kustomization.resources().contains(file))
                    .toList();

            assertThat(identities(overlay, patches)).isNotEmpty().isSubsetOf(base);
        }
    }

    @Test
    void no_two_resources_of_an_overlay_are_the_same() {
        for (String overlay : List.of("overlays/single", "overlays/knative")) {
            List<String> all =
                    identities("base", MANIFESTS.kustomization("base").resources());
            List<String> own = MANIFESTS.kustomization(overlay).resources().stream()
                    .filter(file -> file.endsWith(".yaml"))
                    .toList();
            all.addAll(identities(overlay, own));

            assertThat(all).doesNotHaveDuplicates();
        }
    }

    @Test
    void the_knative_overlay_makes_no_deployment_and_no_second_service_of_that_name() {
        assertThat(MANIFESTS.deletes("overlays/knative/without-deployment.yaml"))
                .isTrue();
        assertThat(MANIFESTS.deletes("overlays/knative/without-service.yaml")).isTrue();
        assertThat(MANIFESTS.deletes("overlays/knative/networkpolicy.yaml")).isFalse();
    }

    @Test
    void every_selector_finds_the_pods_of_both_kinds() {
        assertThat(List.of(
                        BASE.getSpec().getSelector().getMatchLabels(),
                        base("service.yaml", Service.class).getSpec().getSelector(),
                        base("networkpolicy.yaml", NetworkPolicy.class)
                                .getSpec()
                                .getPodSelector()
                                .getMatchLabels(),
                        base("poddisruptionbudget.yaml", PodDisruptionBudget.class)
                                .getSpec()
                                .getSelector()
                                .getMatchLabels(),
                        MONITOR.getSpec().getSelector().getMatchLabels(),
                        DATABASE_POLICY.getSpec().getPodSelector().getMatchLabels(),
                        MONITORING_POLICY.getSpec().getPodSelector().getMatchLabels()))
                .allSatisfy(selector -> {
                    assertThat(selector).isNotEmpty();
                    assertThat(BASE_LABELS).containsAllEntriesOf(selector);
                    assertThat(KNATIVE_LABELS).containsAllEntriesOf(selector);
                });
    }

    @Test
    void ports_are_the_containers() {
        assertThat(container(BASE_POD).getPorts())
                .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
                .containsExactly(tuple("http", 8080), tuple("management", MANAGEMENT));
        // Knative takes one only.
        assertThat(only(container(KNATIVE).getPorts()).getContainerPort()).isEqualTo(8080);
        assertThat(only(base("service.yaml", Service.class).getSpec().getPorts())
                        .getTargetPort()
                        .getStrVal())
                .isEqualTo("http");
    }

    @Test
    void teams_reach_their_port_and_nobody_but_prometheus_the_other() {
        NetworkPolicyIngressRule monitoring = only(MONITORING_POLICY.getSpec().getIngress());

        assertThat(ingressPorts("base/networkpolicy.yaml")).containsExactly(8080);
        assertThat(ingressPorts("overlays/knative/networkpolicy.yaml"))
                .contains(8080, 8012)
                .doesNotContain(MANAGEMENT);
        assertThat(only(monitoring.getPorts()).getPort().getIntVal()).isEqualTo(MANAGEMENT);
        assertThat(only(monitoring.getFrom()).getPodSelector().getMatchLabels())
                .containsExactly(Map.entry("app.kubernetes.io/name", "prometheus"));
    }

    @Test
    void metrics_are_read_from_the_management_port_of_pods_of_both_kinds() {
        List<PodMetricsEndpoint> endpoints = MONITOR.getSpec().getPodMetricsEndpoints();

        assertThat(endpoints)
                .extracting(PodMetricsEndpoint::getPort, PodMetricsEndpoint::getPath)
                // The second is what Knative calls the port of a container that has one without a name.
                .containsExactly(tuple("management", "/q/metrics"), tuple("user-port", "/q/metrics"));
        assertThat(endpoints.getFirst().getRelabelings()).isEmpty();
        RelabelConfig moved = only(endpoints.getLast().getRelabelings());
        assertThat(moved.getSourceLabels()).containsExactly("__address__");
        assertThat(moved.getTargetLabel()).isEqualTo("__address__");
        for (String pod : List.of("10.1.2.3", "[fd00::1]")) {
            // Prometheus matches the whole value, and Java writes a group in the same way.
            assertThat((pod + ":8080").replaceFirst("^(?:" + moved.getRegex() + ")$", moved.getReplacement()))
                    .isEqualTo(pod + ":" + MANAGEMENT);
        }
    }

    @Test
    void containers_are_not_root_and_write_only_where_something_is_mounted() {
        assertThat(BASE_POD.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(container(KNATIVE).getSecurityContext().getRunAsNonRoot()).isTrue();

        for (Container container : List.of(container(BASE_POD), container(KNATIVE))) {
            SecurityContext security = container.getSecurityContext();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(mountPaths(container)).contains("/tmp");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
        }
    }

    @Test
    void probes_ask_the_health_of_their_kind() {
        for (Container container : List.of(container(BASE_POD), container(KNATIVE))) {
            assertProbe(container, container.getStartupProbe(), "/q/health/started");
            assertProbe(container, container.getReadinessProbe(), "/q/health/ready");
            assertProbe(container, container.getLivenessProbe(), "/q/health/live");
        }
    }

    @Test
    void no_service_variable_looks_like_our_configuration() {
        assertThat(BASE_POD.getEnableServiceLinks()).isFalse();
        assertThat(KNATIVE.getSpec().getTemplate().getSpec().getEnableServiceLinks())
                .isFalse();
    }

    @Test
    void pods_have_an_identity_without_a_token() {
        ServiceAccount account = base("serviceaccount.yaml", ServiceAccount.class);

        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        assertThat(BASE_POD.getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
        assertThat(KNATIVE.getSpec().getTemplate().getSpec().getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
    }

    @Test
    void what_is_mounted_exists_and_what_exists_is_mounted() {
        List<Volume> single = new ArrayList<>(BASE_POD.getVolumes());
        single.addAll(SINGLE.getSpec().getTemplate().getSpec().getVolumes());
        List<VolumeMount> mounts = new ArrayList<>(container(BASE_POD).getVolumeMounts());
        mounts.addAll(container(SINGLE.getSpec().getTemplate().getSpec()).getVolumeMounts());

        assertThat(names(single))
                .containsExactlyInAnyOrderElementsOf(
                        mounts.stream().map(VolumeMount::getName).toList());
        assertThat(names(KNATIVE.getSpec().getTemplate().getSpec().getVolumes()))
                .containsExactlyInAnyOrderElementsOf(container(KNATIVE).getVolumeMounts().stream()
                        .map(VolumeMount::getName)
                        .toList());
    }

    @Test
    void configuration_is_read_from_where_it_is_mounted() throws Exception {
        ConfigMap configuration = base("configmap.yaml", ConfigMap.class);
        Properties properties = properties(configuration);

        for (Container container : List.of(container(BASE_POD), container(KNATIVE))) {
            assertThat(mountPaths(container)).contains(locations(container).split(",", -1));
        }
        assertThat(configuration.getData())
                .allSatisfy((file, text) -> assertThat(file).endsWith(".properties"));
        assertThat(mountPaths(container(SINGLE.getSpec().getTemplate().getSpec())))
                .contains(properties.getProperty("sluice.data-dir"));
        assertThat(mountPaths(container(KNATIVE))).contains(properties.getProperty("sluice.data-dir"));
    }

    @Test
    void the_base_needs_no_custom_resources() {
        assertThat(identities("base", MANIFESTS.kustomization("base").resources()))
                .isNotEmpty()
                .allMatch(resource -> resource.matches("(v1|[a-z]+/v1|[a-z.]+\\.k8s\\.io/v1) .*"));
    }

    @Test
    void the_database_is_configured_where_it_is_mounted_in_pods_of_both_kinds() throws Exception {
        Container container = container(DATABASE_POD);
        String locations = only(container.getEnv()).getValue();
        Volume secret = only(DATABASE_POD.getVolumes());

        assertThat(locations.split(",", -1))
                .contains(locations(container(BASE_POD)).split(",", -1))
                .containsAll(mountPaths(container));
        assertThat(secret.getSecret().getItems())
                .extracting(KeyToPath::getKey, KeyToPath::getPath)
                .containsExactly(
                        tuple("jdbc-url", "quarkus.datasource.postgresql.jdbc.url"),
                        tuple("username", "quarkus.datasource.postgresql.username"),
                        tuple("password", "quarkus.datasource.postgresql.password"));
        assertThat(properties(MANIFESTS.read("components/postgresql/configmap.yaml", ConfigMap.class)))
                .containsExactly(Map.entry("sluice.store", "postgresql"));
        assertThat(only(only(DATABASE_POLICY.getSpec().getEgress()).getPorts())
                        .getPort()
                        .getIntVal())
                .isEqualTo(5432);

        // The same for the other kind of pod, operation by operation.
        YAMLMapper yaml = new YAMLMapper();
        JsonNode operations = yaml.readTree(only(MANIFESTS.kustomization("components/postgresql").allPatches().stream()
                .flatMap(patch -> Stream.ofNullable(patch.patch()))
                .toList()));
        assertThat(only(container(KNATIVE).getEnv()).getName())
                .isEqualTo(operations.at("/0/value").asText());
        assertThat(operations.at("/1/value").asText()).isEqualTo(locations);
        assertThat(yaml.treeToValue(operations.at("/2/value"), VolumeMount.class))
                .isEqualTo(only(container.getVolumeMounts()));
        assertThat(yaml.treeToValue(operations.at("/3/value"), Volume.class)).isEqualTo(secret);
    }

    @Test
    void patches_with_a_target_name_one_of_the_two_kinds_of_pods() {
        assertThat(MANIFESTS.kustomization("components/postgresql").allPatches().stream()
                        .flatMap(patch -> Stream.ofNullable(patch.target())))
                .containsExactly(
                        new Kustomization.Target("apps", "Deployment", "sluice"),
                        new Kustomization.Target("serving.knative.dev", "Service", "sluice"));
    }

    @Test
    void stopping_takes_no_longer_than_the_cluster_waits() throws Exception {
        Properties defaults = new Properties();
        try (Reader shipped = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            defaults.load(shipped);
        }
        String timeout = defaults.getProperty("quarkus.shutdown.timeout");
        long drain = container(BASE_POD).getLifecycle().getPreStop().getSleep().getSeconds();

        assertThat(drain + Duration.parse("PT" + timeout).toSeconds())
                .isLessThan(BASE_POD.getTerminationGracePeriodSeconds());
    }

    @Test
    void an_eviction_of_the_only_replica_is_allowed() {
        PodDisruptionBudget budget = base("poddisruptionbudget.yaml", PodDisruptionBudget.class);

        assertThat(budget.getSpec().getMaxUnavailable()).isEqualTo(new IntOrString(1));
        assertThat(budget.getSpec().getMinAvailable()).isNull();
    }

    @Test
    void the_single_overlay_never_runs_two_and_keeps_its_data() {
        PersistentVolumeClaim claim =
                MANIFESTS.read("overlays/single/persistentvolumeclaim.yaml", PersistentVolumeClaim.class);

        assertThat(SINGLE.getSpec().getReplicas()).isEqualTo(1);
        assertThat(SINGLE.getSpec().getStrategy().getType()).isEqualTo("Recreate");
        assertThat(only(SINGLE.getSpec().getTemplate().getSpec().getVolumes())
                        .getPersistentVolumeClaim()
                        .getClaimName())
                .isEqualTo(claim.getMetadata().getName());
    }

    @Test
    void the_knative_overlay_scales_to_exactly_one() {
        assertThat(KNATIVE.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("autoscaling.knative.dev/min-scale", "1")
                .containsEntry("autoscaling.knative.dev/max-scale", "1");
        assertThat(KNATIVE.getSpec().getTemplate().getSpec().getContainerConcurrency())
                .isZero();
    }

    /** By the port's name where the container names it; Knative knows the other port by its number only. */
    private static void assertProbe(Container container, Probe probe, String path) {
        boolean named = container.getPorts().stream().anyMatch(port -> "management".equals(port.getName()));

        assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
        assertThat(probe.getHttpGet().getPort())
                .isEqualTo(named ? new IntOrString("management") : new IntOrString(MANAGEMENT));
    }

    private static String locations(Container container) {
        return only(container.getEnv().stream()
                        .filter(variable -> variable.getName().equals("SMALLRYE_CONFIG_LOCATIONS"))
                        .toList())
                .getValue();
    }

    private static <T> T base(String file, Class<T> type) {
        return MANIFESTS.read("base/" + file, type);
    }

    private static List<String> identities(String overlay, List<String> files) {
        List<String> identities = new ArrayList<>();
        for (String file : files) {
            identities.add(identity(MANIFESTS.read(overlay + "/" + file, HasMetadata.class)));
        }
        return identities;
    }

    private static List<Integer> ingressPorts(String file) {
        return only(MANIFESTS.read(file, NetworkPolicy.class).getSpec().getIngress()).getPorts().stream()
                .map(NetworkPolicyPort::getPort)
                .map(IntOrString::getIntVal)
                .toList();
    }

    private static Properties properties(ConfigMap configuration) throws Exception {
        Properties properties = new Properties();
        for (String text : configuration.getData().values()) {
            properties.load(new StringReader(text));
        }
        return properties;
    }

    private static Container container(PodSpec pod) {
        return only(pod.getContainers());
    }

    private static Container container(io.fabric8.knative.serving.v1.Service service) {
        return only(service.getSpec().getTemplate().getSpec().getContainers());
    }

    private static List<String> mountPaths(Container container) {
        return container.getVolumeMounts().stream()
                .map(VolumeMount::getMountPath)
                .toList();
    }

    private static List<String> names(List<Volume> volumes) {
        return volumes.stream().map(Volume::getName).toList();
    }

    private static <T> T only(List<T> list) {
        assertThat(list).hasSize(1);
        return list.getFirst();
    }
}
