package io.sluice.saas.customerio.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.saas.customerio.CustomerioJson;
import java.util.Optional;

/**
 * The size limits of Customer.io's operations and batches, in bytes (Track and Pipelines OpenAPI documents). Pipelines
 * answers 200 to larger ones, and drops them.
 */
final class SizeLimits {
    /** One operation of Track v2, or one message of Pipelines. */
    static final int OPERATION = 32 * 1024;

    /** A batch of either. */
    static final int BATCH = 500 * 1024;

    private SizeLimits() {}

    /** The reason why a single operation or message is too large, if it is. */
    static Optional<String> single(long length) {
        return over("an operation", length, OPERATION);
    }

    /**
     * The reason why a batch, or an operation in it, is too large, if one is.
     *
     * @param length -1 if it is not known
     * @param kept the buffered batch, or empty
     */
    static Optional<String> batch(long length, byte[] kept) {
        if (length > BATCH || kept.length <= OPERATION) {
            return over("a batch", length, BATCH);
        }
        return CustomerioJson.object(kept).flatMap(body -> {
            for (JsonNode one : body.path("batch")) {
                Optional<String> over = single(CustomerioJson.bytes(CustomerioJson.text(one)));
                if (over.isPresent()) {
                    return over;
                }
            }
            return Optional.empty();
        });
    }

    private static Optional<String> over(String what, long length, int most) {
        return length <= most
                ? Optional.empty()
                : Optional.of(what + " may have " + most + " bytes, this one has " + length);
    }
}
