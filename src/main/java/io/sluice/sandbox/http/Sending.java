package io.sluice.sandbox.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** A writer of one response, as fast as the caller reads it. Used on one event loop. */
public final class Sending {
    private final HttpServerResponse response;
    private final SandboxResponse answer;
    private long sent;

    public Sending(HttpServerResponse response, SandboxResponse answer) {
        this.response = response;
        this.answer = answer;
    }

    public void whole() {
        if (response.closed()) {
            return;
        }
        head();
        switch (answer.body()) {
            case SandboxResponse.Body.Complete whole -> response.end(whole.bytes());
            case SandboxResponse.Body.Generated generated -> pump(generated.length(), response::end);
        }
    }

    /** Announces the whole body but writes half of it, then runs {@code then}. */
    void half(Runnable then) {
        if (response.closed()) {
            then.run();
            return;
        }
        head();
        switch (answer.body()) {
            case SandboxResponse.Body.Complete whole -> {
                int length = whole.bytes().length();
                response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
                response.write(whole.bytes().slice(0, length / 2)).onComplete(written -> then.run());
            }
            case SandboxResponse.Body.Generated generated -> {
                response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(generated.length()));
                pump(generated.length() / 2, then);
            }
        }
    }

    private void head() {
        response.setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        if (answer.body() instanceof SandboxResponse.Body.Generated generated) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(generated.length()));
        }
    }

    private void pump(long length, Runnable then) {
        response.exceptionHandler(gone -> response.drainHandler(null));
        while (sent < length) {
            if (response.closed()) {
                return;
            }
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> pump(length, then));
                return;
            }
            var chunk = GeneratedBytes.chunk(sent, length);
            sent += chunk.length();
            response.write(chunk);
        }
        response.drainHandler(null);
        then.run();
    }
}
