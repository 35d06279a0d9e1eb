package io.sluice.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Delivers to one address in batches of Customer.io's size; what its permits would do, the vendor does by waiting. */
final class BatchSender implements MessageSender {
    private final Destination destination;
    private final HttpRequest.Builder request;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    BatchSender(Destination destination, URI vendor) {
        this.destination = destination;
        this.request = HttpRequest.newBuilder(vendor);
    }

    @Override
    public String vendor() {
        return destination.account().vendor();
    }

    @Override
    public String destination() {
        return destination.name();
    }

    @Override
    public boolean isBatchable(String kind) {
        return true;
    }

    @Override
    public int maxBatchBytes() {
        return 500 * 1024 - "{\"batch\":[]}".length();
    }

    @Override
    public int overhead() {
        return 1;
    }

    @Override
    public List<DeliveryOutcome> deliver(
            Destination to, String team, Duration maxWait, BooleanSupplier leaseValid, List<ClaimedMessage> messages)
            throws InterruptedException {
        String batch =
                messages.stream().map(ClaimedMessage::payload).collect(Collectors.joining(",", "{\"batch\":[", "]}"));
        try {
            int status = client.send(
                            request.copy().POST(BodyPublishers.ofString(batch)).build(), BodyHandlers.discarding())
                    .statusCode();
            if (status != 200) {
                throw new IllegalStateException("status " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.nCopies(messages.size(), new DeliveryOutcome.Delivered());
    }
}
