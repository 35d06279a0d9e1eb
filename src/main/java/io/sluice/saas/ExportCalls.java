package io.sluice.saas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.budget.Priority;
import io.sluice.call.Call;
import io.sluice.call.Operation;
import io.sluice.call.Result;
import io.sluice.call.VendorResponse;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.export.job.Exporter.Content;
import io.sluice.export.job.Exporter.NoFileException;
import io.sluice.export.job.Exporter.RetryLaterException;
import io.sluice.export.job.Exporter.Submission;
import io.sluice.export.job.ExportsConfig;
import io.sluice.export.job.JobProblem;
import io.sluice.export.job.JobSpec;
import io.sluice.problem.FailureText;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls that exporters make, and the handling of responses that all vendors have in common. Each is paid as bulk
 * work.
 */
@ApplicationScoped
public class ExportCalls {
    /** The largest response read into memory: larger than any vendor's list of jobs. Files are streamed instead. */
    private static final int LONGEST_ANSWER = 16 * 1024 * 1024;
    /** The length to which a vendor's own message is cut before a team is shown it. */
    private static final int LONGEST_MESSAGE = 300;
    /** How long to wait after a refused credential, which only an operator can replace. */
    private static final Duration AFTER_REFUSED_CREDENTIALS = Duration.ofSeconds(60);

    private final VendorClient calls;
    private final ObjectMapper json;
    private final ExportsConfig config;
    private final InstantSource clock;

    ExportCalls(VendorClient calls, ObjectMapper json, ExportsConfig config, InstantSource clock) {
        this.calls = calls;
        this.json = json;
        this.config = config;
        this.clock = clock;
    }

    /** The surface and account that calls go to, and the team that pays. */
    public record JobContext(Surface surface, String account, String team) {
        /** The context of a job's calls. */
        public static JobContext of(Surface surface, JobSpec job) {
            return new JobContext(surface, job.account().account(), job.team());
        }
    }

    /**
     * A response that was read.
     *
     * @param body missing if it is no JSON
     * @param date the vendor's clock; null if the response has no date
     * @param read our clock, when the response was read
     */
    public record JsonResponse(
            int status, JsonNode body, @Nullable Instant date, Instant read) {
        /** True if the vendor reports success. */
        public boolean ok() {
            return status >= 200 && status < 300;
        }

        /**
         * Converts a time of our clock to the vendor's, so that the difference of the clocks does not matter: never
         * later than it was there, and earlier by at most the time that the response took.
         */
        public Instant atVendor(Instant local) {
            return date == null ? local : date.minus(Duration.between(local, read));
        }

        /** The response in a few words, for the team. */
        public String summary() {
            String message = body.path("message").asText(body.path("code").asText(""));
            String text = message.isEmpty() ? body.isMissingNode() ? "" : body.toString() : message;
            return "HTTP " + status
                    + (text.isEmpty() ? "" : ": " + text.substring(0, Math.min(LONGEST_MESSAGE, text.length())));
        }
    }

    /**
     * Makes a read.
     *
     * @throws RetryLaterException if there is no usable response and only a later attempt may help
     */
    public JsonResponse read(JobContext context, String target) throws InterruptedException, RetryLaterException {
        return answered(calls.make(caller(context), "GET", target));
    }

    /** Makes a write that is safe to repeat; fails as {@link #read(JobContext, String)} does. */
    public JsonResponse write(JobContext context, String method, String target, JsonNode body)
            throws InterruptedException, RetryLaterException {
        return answered(calls.make(caller(context), method, target, body));
    }

    /** Makes a read that a caller waits for: at the caller's priority, and no longer than it waits. */
    public JsonResponse read(JobContext context, String target, Priority priority, Duration maxWait)
            throws InterruptedException, RetryLaterException {
        return answered(calls.make(
                new VendorClient.CallerContext(context.team(), context.surface(), context.account(), priority, maxWait),
                "GET",
                target));
    }

    /**
     * Submits a job.
     *
     * @param operation with the limits that the request counts against
     * @param leaseValid true while the request is still the caller's to send; asked before each attempt
     * @param id extracts the job's id from the vendor's response
     * @param refused maps a 4xx response to the submission's outcome
     */
    public Submission submit(
            JobContext context,
            Operation operation,
            String target,
            JsonNode body,
            Function<Call, Response> api,
            BooleanSupplier leaseValid,
            Function<JsonNode, Optional<String>> id,
            Function<JsonResponse, Submission> refused)
            throws InterruptedException {
        Result result;
        try {
            result = calls.make(caller(context).whileLeased(leaseValid), operation, "POST", target, body, api);
        } catch (CallAbandonedException e) {
            return new Submission.RetryLater(config.firstPoll(), "the lease expired before a permit was granted");
        }
        return switch (result) {
            case Result.Shed shed -> new Submission.RetryLater(shed.retryAfter(), FailureText.brief(shed));
            case Result.Failed failed when failed.unknown() -> new Submission.Unknown(FailureText.brief(failed));
            case Result.Failed failed -> new Submission.RetryLater(config.firstPoll(), FailureText.brief(failed));
            case Result.Answered(VendorResponse vendor, boolean unknown) -> {
                JsonResponse answer;
                try {
                    answer = read(vendor);
                } catch (IOException brokenOff) {
                    yield new Submission.Unknown("the answer broke off");
                }
                if (answer.ok()) {
                    yield id.apply(answer.body())
                            .<Submission>map(Submission.Accepted::new)
                            .orElseGet(() -> new Submission.Unknown("the answer contains no job id"));
                }
                if (unknown || answer.status() >= 500) {
                    yield new Submission.Unknown(answer.summary());
                }
                yield answer.status() == 429
                        ? new Submission.RetryLater(config.firstPoll(), answer.summary())
                        : credentials(answer.status())
                                ? new Submission.RetryLater(AFTER_REFUSED_CREDENTIALS, answer.summary())
                                : refused.apply(answer);
            }
        };
    }

    /** Opens a file. */
    public Content open(JobContext context, String target)
            throws InterruptedException, RetryLaterException, NoFileException {
        return content(calls.make(caller(context), "GET", target));
    }

    private Content content(Result result) throws RetryLaterException, NoFileException {
        if (!(result instanceof Result.Answered(VendorResponse vendor, boolean _)) || vendor.status() != 200) {
            JsonResponse answer = answered(result);
            throw new NoFileException(answer.summary());
        }
        String type = vendor.headers().getFirst(HttpHeaders.CONTENT_TYPE);
        return new Content(type == null ? "application/octet-stream" : type, length(vendor), vendor.body());
    }

    private static OptionalLong length(VendorResponse vendor) {
        // The length of a compressed body is not that of the file.
        String length = vendor.headers().getFirst(HttpHeaders.CONTENT_LENGTH);
        return length == null || vendor.headers().getFirst(HttpHeaders.CONTENT_ENCODING) != null
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(length));
    }

    private JsonResponse answered(Result result) throws RetryLaterException {
        return switch (result) {
            case Result.Shed shed -> throw new RetryLaterException(shed.retryAfter(), FailureText.brief(shed));
            case Result.Failed failed -> throw new RetryLaterException(config.firstPoll(), FailureText.brief(failed));
            case Result.Answered(VendorResponse vendor, boolean _) -> {
                JsonResponse answer;
                try {
                    answer = read(vendor);
                } catch (IOException brokenOff) {
                    throw new RetryLaterException(config.firstPoll(), "the answer broke off");
                }
                if (credentials(answer.status())) {
                    throw new RetryLaterException(AFTER_REFUSED_CREDENTIALS, answer.summary());
                }
                if (answer.status() == 429 || answer.status() >= 500) {
                    throw new RetryLaterException(config.firstPoll(), answer.summary());
                }
                yield answer;
            }
        };
    }

    private static boolean credentials(int status) {
        return status == 401 || status == 403;
    }

    private JsonResponse read(VendorResponse vendor) throws IOException {
        try (InputStream _ = vendor.body()) {
            byte[] bytes = vendor.readAll(LONGEST_ANSWER)
                    .orElseThrow(() -> new IOException("the answer is longer than " + LONGEST_ANSWER + " bytes"))
                    .body();
            return new JsonResponse(vendor.status(), parsed(bytes), date(vendor).orElse(null), clock.instant());
        }
    }

    private JsonNode parsed(byte[] bytes) {
        try {
            JsonNode parsed = json.readTree(new String(bytes, StandardCharsets.UTF_8));
            return parsed == null ? MissingNode.getInstance() : parsed;
        } catch (JsonProcessingException notJson) {
            return MissingNode.getInstance();
        }
    }

    private static Optional<Instant> date(VendorResponse vendor) {
        String date = vendor.headers().getFirst(HttpHeaders.DATE);
        if (date == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }

    private VendorClient.CallerContext caller(JobContext context) {
        return new VendorClient.CallerContext(
                context.team(), context.surface(), context.account(), Priority.BULK, config.permitTimeout());
    }

    /** A permanent refusal, in the vendor's words. */
    public static JobProblem refusal(JsonResponse answer) {
        return JobProblem.of(JobProblem.Kind.EXPORT_REFUSED, answer.summary());
    }
}
