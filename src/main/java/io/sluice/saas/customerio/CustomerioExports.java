package io.sluice.saas.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.AccountId;
import io.sluice.call.Account;
import io.sluice.call.Credential;
import io.sluice.export.job.Exporter;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.export.job.JobState;
import io.sluice.reconcile.Candidates;
import io.sluice.saas.ExportCalls;
import io.sluice.saas.ExportCalls.JobContext;
import io.sluice.saas.ExportCalls.JsonResponse;
import io.sluice.saas.JsonChecks;
import io.sluice.saas.Route;
import io.sluice.saas.Surface;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/**
 * Customer.io's exports of people and of deliveries (App API). They are pending until they are done or have failed,
 * cannot be cancelled, and leave a file behind a link that is signed for 15 minutes.
 */
@ApplicationScoped
public class CustomerioExports implements Exporter {
    private static final String EXPORTS = "/v1/exports";
    private static final Duration AFTER_NO_ANSWER = Duration.ofSeconds(10);

    /** The options of each kind of export (App API reference). */
    private static final Map<String, Set<String>> OPTIONS = Map.of(
            "customers", Set.of("filters"),
            "deliveries", Set.of("newsletter_id", "start", "end", "attributes", "metric", "drafts"));

    /** The names in the list of exports for a name in the path of a request that differs. */
    private static final Map<String, Set<String>> NAMES = Map.of("customers", Set.of("customers", "people"));

    private final Surface surface;
    private final CustomerioAppApi api;
    private final CustomerioFilesApi files;
    private final CustomerioConfig config;
    private final ExportCalls calls;

    CustomerioExports(
            Customerio customerio,
            @RestClient CustomerioAppApi api,
            @RestClient CustomerioFilesApi files,
            CustomerioConfig config,
            ExportCalls calls) {
        this.surface = customerio.app();
        this.api = api;
        this.files = files;
        this.config = config;
        this.calls = calls;
    }

    @Override
    public String vendor() {
        return surface.vendor();
    }

    @Override
    public Set<String> accounts() {
        return surface.accounts().keySet();
    }

    @Override
    public String operation() {
        return CustomerioAppSurface.CREATE_EXPORT.name();
    }

    @Override
    public int slots() {
        return config.exportSlots();
    }

    /**
     * Makes one part, named for the kind of export: {@code {"type": "customers" or "deliveries", "options": {...}}}.
     */
    @Override
    public List<PartRequest> split(ObjectNode parameters) {
        JsonChecks.checkFields(parameters, "", List.of("options", "type"));
        String type = parameters.path("type").asText();
        Set<String> names = OPTIONS.get(type);
        JsonChecks.check(
                names != null,
                "type is one of " + OPTIONS.keySet().stream().sorted().toList() + ": " + type);
        JsonNode options = parameters.path("options");
        JsonChecks.checkObject(options, "options");
        JsonChecks.checkFields(
                options,
                "options.",
                names == null ? List.of() : names.stream().sorted().toList());
        if (type.equals("customers")) {
            JsonChecks.check(options.path("filters").isObject(), "options.filters must be an object: whom to export");
        }
        ObjectNode part = JsonNodeFactory.instance.objectNode();
        part.put("type", type);
        part.set("body", options.isObject() ? sorted(options) : JsonNodeFactory.instance.objectNode());
        return List.of(new PartRequest(type, type, part, Duration.ZERO));
    }

    @Override
    public Terms terms(JsonNode parameters) {
        ObjectNode options = JsonNodeFactory.instance.objectNode();
        parameters.path("body").properties().forEach(field -> options.set(field.getKey(), field.getValue()));
        return new Terms(null, parameters.path("type").textValue(), options);
    }

    /** The same with its fields in order, so that equal requests are equal JSON. */
    private static JsonNode sorted(JsonNode given) {
        if (given.isArray()) {
            ArrayNode sorted = JsonNodeFactory.instance.arrayNode();
            given.forEach(element -> sorted.add(sorted(element)));
            return sorted;
        }
        if (!given.isObject()) {
            return given;
        }
        Map<String, JsonNode> fields = new TreeMap<>();
        given.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
        return JsonNodeFactory.instance.objectNode().setAll(fields);
    }

    @Override
    public Submission submit(JobSpec job, BooleanSupplier leaseValid) throws InterruptedException {
        return calls.submit(
                JobContext.of(surface, job),
                CustomerioAppSurface.CREATE_EXPORT,
                EXPORTS + "/" + job.parameters().path("type").asText(),
                job.parameters().path("body"),
                api::createExport,
                leaseValid,
                answer -> Optional.of(unwrapped(answer).path("id").asText("")).filter(id -> !id.isEmpty()),
                answer -> new Submission.Refused(ExportCalls.refusal(answer)));
    }

    private static JsonNode unwrapped(JsonNode answer) {
        return answer.path("export").isObject() ? answer.path("export") : answer;
    }

    @Override
    public Candidates<String> findSubmitted(JobSpec job, Instant submittedAt)
            throws InterruptedException, RetryLaterException {
        JsonResponse listed = calls.read(JobContext.of(surface, job), EXPORTS);
        if (!listed.ok()) {
            throw new RetryLaterException(AFTER_NO_ANSWER, "the exports cannot be listed: " + listed.summary());
        }
        String type = job.parameters().path("type").asText();
        List<JsonNode> exports = StreamSupport.stream(
                        listed.body().path("exports").spliterator(), false)
                .filter(export -> NAMES.getOrDefault(type, Set.of(type))
                        .contains(export.path("type").asText()))
                .toList();
        return Candidates.createdSince(
                        listed.atVendor(submittedAt).getEpochSecond(),
                        exports,
                        export -> export.path("created_at").asLong())
                .map(export -> export.path("id").asText());
    }

    @Override
    public Report poll(JobSpec job, String vendorJobId) throws InterruptedException, RetryLaterException {
        JsonResponse answer = calls.read(JobContext.of(surface, job), EXPORTS + "/" + vendorJobId);
        if (!answer.ok()) {
            return failed("Customer.io has no such export any more: " + answer.summary());
        }
        JsonNode export = unwrapped(answer.body());
        if (export.path("failed").asBoolean() || export.path("status").asText().equals("failed")) {
            return failed("Customer.io says that the export failed");
        }
        return export.path("status").asText().equals("done")
                ? new Report.Ended(new JobState.Ended(null, null, took(export), Map.of()))
                : new Report.Running();
    }

    private static Report failed(String detail) {
        return new Report.Failed(JobProblem.of(JobProblem.Kind.EXPORT_FAILED, detail));
    }

    private static long took(JsonNode export) {
        long seconds =
                export.path("updated_at").asLong() - export.path("created_at").asLong();
        return Duration.ofSeconds(Math.max(0, seconds)).toMillis();
    }

    @Override
    public Content fetch(JobSpec job, String vendorJobId)
            throws InterruptedException, RetryLaterException, NoFileException {
        JsonResponse answer = calls.read(JobContext.of(surface, job), EXPORTS + "/" + vendorJobId + "/download");
        String link =
                answer.body().path("url").asText(answer.body().path("link").asText(""));
        if (!answer.ok() || link.isEmpty()) {
            throw new NoFileException("no link to the file: " + answer.summary());
        }
        URI file;
        try {
            file = URI.create(link);
        } catch (IllegalArgumentException e) {
            throw new RetryLaterException(AFTER_NO_ANSWER, "the link to the file is not a URL");
        }
        String account = job.account().account();
        return calls.open(new JobContext(fileSurface(file, account), account, job.team()), target(file));
    }

    /**
     * The host of a link, which gets no credential; over TLS, unless the API itself is reached without.
     *
     * @throws RetryLaterException if the link is not safe to follow
     */
    private Surface fileSurface(URI file, String account) throws RetryLaterException {
        URI app = surface.account(account).orElseThrow().url();
        if (file.getHost() == null
                || !("https".equals(file.getScheme()) || file.getScheme().equals(app.getScheme()))) {
            throw new RetryLaterException(AFTER_NO_ANSWER, "the link to the file is not safe to follow");
        }
        URI host = URI.create(file.getScheme() + "://" + file.getRawAuthority());
        return new Surface(
                vendor(),
                surface.mount(),
                Map.of(account, new Account(new AccountId(vendor(), account), host, Credential.none())),
                List.of(Route.any(CustomerioAppSurface.DOWNLOAD_FILE, files::downloadFile)),
                // The files' host is not the API, and its responses say nothing about the API's limits.
                (operation, status, headers) -> io.sluice.budget.LimitFeedback.NONE,
                surface.errors());
    }

    private static String target(URI file) {
        return file.getRawPath() + (file.getRawQuery() == null ? "" : "?" + file.getRawQuery());
    }

    @Override
    public ContentCheck check(JobSpec job, String contentType) {
        return new ContentCheck() {
            @Override
            public void pass(byte[] bytes, int length) {
                // The file does not contain the terms of its request.
            }

            @Override
            public Optional<JobProblem> verdict() {
                return Optional.empty();
            }
        };
    }

    @Override
    public void cancel(JobSpec job, String vendorJobId) {
        // There is no call for it: the export ends at Customer.io, and its file is never fetched.
    }
}
