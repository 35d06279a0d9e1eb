package io.sluice.vendor.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.call.CallAbandonedException;
import io.sluice.delivery.Fate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Delivers a batch, whatever the vendor makes of it: of one that it took in part (207), only what it lists is treated
 * again; one that it refused as a whole (4xx) is split by halves until what is wrong stands alone. Every letter sent is one
 * of a person of its own, so that leaving some behind changes no order.
 */
final class BatchDelivery {
    private static final String OPENING = "{\"batch\":[";
    private static final String CLOSING = "]}";

    /** What a batch weighs besides its letters and the commas between them. */
    static final int FRAME = OPENING.length() + CLOSING.length();

    private final Post post;
    private final Set<String> passing;

    /** @param passing the reasons in a 207 for which a refusal may pass */
    BatchDelivery(Post post, Set<String> passing) {
        this.post = post;
        this.passing = passing;
    }

    /** Makes one call. */
    @FunctionalInterface
    interface Post {
        Said send(byte[] batch) throws InterruptedException;
    }

    /** What came back. */
    sealed interface Said {
        /** An answer that is neither a throttle nor a failure. */
        record Answered(int status, String body) implements Said {}

        /** No such answer; the fate is that of every letter sent. */
        record Trouble(Fate fate) implements Said {}
    }

    /** Delivers the payloads of letters; their fates, in the same order. */
    List<Fate> deliver(List<String> letters) throws InterruptedException {
        return switch (post.send(batch(letters))) {
            case Said.Trouble(Fate fate) -> Collections.nCopies(letters.size(), fate);
            case Said.Answered(int status, String body) when status == 207 -> partly(letters, body);
            case Said.Answered(int status, String _)
            when status < 300 -> Collections.nCopies(letters.size(), new Fate.Delivered());
            case Said.Answered(int status, String body)
            when letters.size() == 1 -> List.of(new Fate.Dead(Reasons.of(status, body)));
            case Said.Answered _ -> halves(letters);
        };
    }

    private List<Fate> halves(List<String> letters) throws InterruptedException {
        int middle = letters.size() / 2;
        List<Fate> fates = new ArrayList<>(deliver(letters.subList(0, middle)));
        // Where the vendor takes nothing any more, the second half need not find out too.
        Fate last = fates.getLast();
        fates.addAll(
                last instanceof Fate.NotNow
                        ? Collections.nCopies(letters.size() - middle, last)
                        : second(letters.subList(middle, letters.size())));
        return fates;
    }

    /** Delivers what comes after letters whose fates are known, and must be told whatever becomes of these. */
    private List<Fate> second(List<String> letters) throws InterruptedException {
        try {
            return deliver(letters);
        } catch (CallAbandonedException e) {
            return Collections.nCopies(letters.size(), new Fate.NotNow(Duration.ZERO, false, "the lease ran out"));
        }
    }

    private List<Fate> partly(List<String> letters, String body) {
        List<Fate> fates = new ArrayList<>(Collections.nCopies(letters.size(), new Fate.Delivered()));
        JsonNode errors = Json.object(body.getBytes(StandardCharsets.UTF_8))
                .<JsonNode>map(answer -> answer)
                .orElseGet(Json::object)
                .path("errors");
        for (JsonNode error : errors) {
            JsonNode index = error.path("batch_index");
            if (index.isInt() && index.asInt() >= 0 && index.asInt() < letters.size()) {
                fates.set(index.asInt(), fate(error));
            } else {
                return unclear(letters);
            }
        }
        return errors.isArray() && !errors.isEmpty() ? fates : unclear(letters);
    }

    /** It took some, and does not say which: all go again, which does no harm to those it took. */
    private static List<Fate> unclear(List<String> letters) {
        return Collections.nCopies(letters.size(), new Fate.Again("207 without the places of its errors"));
    }

    private Fate fate(JsonNode error) {
        String reason = Reasons.of(error);
        return passing.contains(error.path("reason").asText("")) ? new Fate.Again(reason) : new Fate.Dead(reason);
    }

    private static byte[] batch(List<String> letters) {
        StringBuilder batch = new StringBuilder(OPENING);
        for (int i = 0; i < letters.size(); i++) {
            batch.append(i == 0 ? "" : ",").append(letters.get(i));
        }
        return batch.append(CLOSING).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Puts a vendor's errors into the words that stand beside a dead letter. */
    static final class Reasons {
        private static final int LONGEST = 500;

        private Reasons() {}

        static String of(int status, String body) {
            ObjectNode answer =
                    Json.object(body.getBytes(StandardCharsets.UTF_8)).orElseGet(Json::object);
            JsonNode first = answer.path("errors").path(0);
            JsonNode meta = answer.path("meta");
            String said = first.isObject()
                    ? of(first)
                    : meta.path("errors").path(0).asText(meta.path("error").asText(""));
            return shortened(said.isEmpty() ? "status " + status : "status " + status + ": " + said);
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
