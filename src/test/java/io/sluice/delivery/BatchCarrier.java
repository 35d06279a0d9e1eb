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
final class BatchCarrier implements Carrier {
    private final Channel channel;
    private final HttpRequest.Builder request;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    BatchCarrier(Channel channel, URI vendor) {
        this.channel = channel;
        this.request = HttpRequest.newBuilder(vendor);
    }

    @Override
    public String vendor() {
        return channel.vendor();
    }

    @Override
    public String channel() {
        return channel.name();
    }

    @Override
    public boolean batches(String kind) {
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
    public List<Fate> deliver(Channel to, String team, Duration patience, BooleanSupplier ours, List<Waiting> letters)
            throws InterruptedException {
        String batch = letters.stream().map(Waiting::payload).collect(Collectors.joining(",", "{\"batch\":[", "]}"));
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
        return Collections.nCopies(letters.size(), new Fate.Delivered());
    }
}
