package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.failure.CallAbandonedException;
import io.sluice.delivery.DeliveryOutcome;
import io.sluice.saas.customerio.CustomerioJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The delivery of a batch that handles partial failures: of one that the vendor accepted in part (207), only the listed
 * messages are handled again; one that it refused as a whole (4xx) is split into halves until the faulty message stands
 * alone. Each message of a batch has a person of its own, so that leaving some behind changes no order.
 */
final class BatchDelivery {
    private static final String OPENING = "{\"batch\":[";
    private static final String CLOSING = "]}";

    /** The bytes of a batch besides its messages and the commas between them. */
    static final int FRAME = OPENING.length() + CLOSING.length();

    private final Post post;
    private final Set<String> passing;

    /** @param passing the reasons in a 207 that are transient */
    BatchDelivery(Post post, Set<String> passing) {
        this.post = post;
        this.passing = passing;
    }

    /** Makes one call. */
    @FunctionalInterface
    interface Post {
        ParsedResponse send(byte[] batch) throws InterruptedException;
    }

    /** The parsed response to a batch. */
    sealed interface ParsedResponse {
        /** A response that is neither a throttle nor a failure. */
        record Answered(int status, String body) implements ParsedResponse {}

        /** A failure; the outcome is that of every message sent. */
        record Failure(DeliveryOutcome outcome) implements ParsedResponse {}
    }

    /**
     * Delivers the payloads of messages, and returns their outcomes in the same order. Waits for permits and the
     * vendor.
     */
    List<DeliveryOutcome> deliver(List<String> payloads) throws InterruptedException {
        return switch (post.send(batch(payloads))) {
            case ParsedResponse.Failure(DeliveryOutcome outcome) -> Collections.nCopies(payloads.size(), outcome);
            case ParsedResponse.Answered(int status, String body) when status == 207 -> partly(payloads, body);
            case ParsedResponse.Answered(int status, String _)
            when status < 300 -> Collections.nCopies(payloads.size(), new DeliveryOutcome.Delivered());
            case ParsedResponse.Answered(int status, String body)
            when payloads.size() == 1 -> List.of(new DeliveryOutcome.Rejected(Reasons.of(status, body)));
            case ParsedResponse.Answered _ -> halves(payloads);
        };
    }

    private List<DeliveryOutcome> halves(List<String> payloads) throws InterruptedException {
        int middle = payloads.size() / 2;
        List<DeliveryOutcome> outcomes = new ArrayList<>(deliver(payloads.subList(0, middle)));
        // Where the vendor accepts nothing any more, the second half need not be sent too.
        DeliveryOutcome last = outcomes.getLast();
        outcomes.addAll(
                last instanceof DeliveryOutcome.Throttled
                        ? Collections.nCopies(payloads.size() - middle, last)
                        : second(payloads.subList(middle, payloads.size())));
        return outcomes;
    }

    /**
     * Delivers the second half after the first half's outcomes are known, which must be reported even if this one is
     * abandoned.
     */
    private List<DeliveryOutcome> second(List<String> payloads) throws InterruptedException {
        try {
            return deliver(payloads);
        } catch (CallAbandonedException e) {
            return Collections.nCopies(
                    payloads.size(), new DeliveryOutcome.Throttled(Duration.ZERO, false, "the lease expired"));
        }
    }

    private List<DeliveryOutcome> partly(List<String> payloads, String body) {
        List<DeliveryOutcome> outcomes =
                new ArrayList<>(Collections.nCopies(payloads.size(), new DeliveryOutcome.Delivered()));
        JsonNode errors = CustomerioJson.object(body.getBytes(StandardCharsets.UTF_8))
                .<JsonNode>map(answer -> answer)
                .orElseGet(CustomerioJson::object)
                .path("errors");
        for (JsonNode error : errors) {
            JsonNode index = error.path("batch_index");
            if (index.isInt() && index.asInt() >= 0 && index.asInt() < payloads.size()) {
                outcomes.set(index.asInt(), outcome(error));
            } else {
                return unclear(payloads);
            }
        }
        return errors.isArray() && !errors.isEmpty() ? outcomes : unclear(payloads);
    }

    /** The response lists no places: all messages are retried, which is harmless to those accepted. */
    private static List<DeliveryOutcome> unclear(List<String> payloads) {
        return Collections.nCopies(
                payloads.size(), new DeliveryOutcome.Retry("207 without the positions of its errors"));
    }

    private DeliveryOutcome outcome(JsonNode error) {
        String reason = Reasons.of(error);
        return passing.contains(error.path("reason").asText(""))
                ? new DeliveryOutcome.Retry(reason)
                : new DeliveryOutcome.Rejected(reason);
    }

    private static byte[] batch(List<String> payloads) {
        StringBuilder batch = new StringBuilder(OPENING);
        for (int i = 0; i < payloads.size(); i++) {
            batch.append(i == 0 ? "" : ",").append(payloads.get(i));
        }
        return batch.append(CLOSING).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The texts of a vendor's errors for dead letters. */
    static final class Reasons {
        private static final int LONGEST = 500;

        private Reasons() {}

        static String of(int status, String body) {
            ObjectNode answer =
                    CustomerioJson.object(body.getBytes(StandardCharsets.UTF_8)).orElseGet(CustomerioJson::object);
            JsonNode first = answer.path("errors").path(0);
            JsonNode meta = answer.path("meta");
            String detail = first.isObject()
                    ? of(first)
                    : meta.path("errors").path(0).asText(meta.path("error").asText(""));
            return shortened(detail.isEmpty() ? "status " + status : "status " + status + ": " + detail);
        }

        static String of(JsonNode error) {
            String field = error.path("field").asText("");
            String message = error.path("message").asText(error.path("detail").asText(""));
            return shortened(error.path("reason").asText("refused")
                    + (field.isEmpty() ? "" : " (" + field + ")")
                    + (message.isEmpty() ? "" : ": " + message));
        }

        private static String shortened(String text) {
            return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        }
    }
}
