package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How attempts are broken off, over real sockets; the vendor's side is looked at. */
class AttemptConnectionTest {
    /** The empty SETTINGS frame that an HTTP/2 server begins with. */
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private final Vertx vertx = Vertx.vertx();
    private final List<Runnable> alarms = new ArrayList<>();
    private final List<Duration> delays = new ArrayList<>();
    private final AttemptConnection connection = new AttemptConnection((task, delay) -> {
        alarms.add(task);
        delays.add(delay);
        return () -> alarms.remove(task);
    });

    @AfterEach
    void stop() throws Exception {
        done(vertx.close());
    }

    @Test
    void a_request_that_is_not_answered_is_reset() throws Exception {
        try (ServerSocket vendor = listening()) {
            HttpClientRequest request =
                    done(client(HttpVersion.HTTP_1_1).request(HttpMethod.GET, vendor.getLocalPort(), "localhost", "/"));
            connection.connected(request);
            Future<?> answer = request.send();
            try (Socket there = vendor.accept()) {
                awaitSomething(there);

                over(connection.reset());

                assertThatThrownBy(() -> there.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
                assertThatThrownBy(() -> done(answer)).hasCauseInstanceOf(HttpClosedException.class);
                assertThat(connection.begun()).isTrue();
            }
        }
    }

    @Test
    void what_waits_for_a_vendor_that_does_not_read_keeps_nothing_open() throws Exception {
        try (ServerSocket vendor = listening()) {
            HttpClientRequest request = done(
                    client(HttpVersion.HTTP_1_1).request(HttpMethod.POST, vendor.getLocalPort(), "localhost", "/"));
            connection.connected(request);
            Future<?> answer = request.send(Buffer.buffer(new byte[32 << 20]));
            try (Socket there = vendor.accept()) {
                awaitSomething(there);

                over(connection.reset());

                assertThatThrownBy(() -> there.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
                assertThatThrownBy(() -> done(answer)).isInstanceOf(ExecutionException.class);
            }
        }
    }

    @Test
    void a_connection_that_comes_too_late_is_reset_and_nothing_sent() throws Exception {
        try (ServerSocket vendor = listening()) {
            over(connection.reset());
            CompletableFuture<Future<?>> sending = new CompletableFuture<>();
            vertx.runOnContext(_ -> client(HttpVersion.HTTP_1_1)
                    .request(HttpMethod.POST, vendor.getLocalPort(), "localhost", "/")
                    .onSuccess(request -> {
                        connection.connected(request);
                        sending.complete(request.send("late"));
                    }));
            try (Socket there = vendor.accept()) {
                assertThatThrownBy(() -> done(sending.get(20, TimeUnit.SECONDS)))
                        .isInstanceOf(ExecutionException.class);

                assertThatThrownBy(() -> there.getInputStream().read()).isInstanceOf(SocketException.class);
                assertThat(connection.begun()).isFalse();
            }
        }
    }

    @Test
    void over_http_2_only_the_stream_ends_if_the_vendor_confirms_it() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        HttpServer vendor = done(vertx.createHttpServer()
                .requestHandler(request -> {
                    if ("/hangs".equals(request.path())) {
                        request.exceptionHandler(ended::complete);
                        request.response().exceptionHandler(ended::complete);
                    } else {
                        request.response().end();
                    }
                })
                .listen(0, "localhost"));
        HttpClient client = client(HttpVersion.HTTP_2);
        HttpClientRequest request = done(client.request(HttpMethod.GET, vendor.actualPort(), "localhost", "/hangs"));
        HttpConnection shared = request.connection();
        connection.connected(request);
        Future<?> answer = request.send();

        over(connection.reset());

        assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(StreamResetException.class);
        assertThatThrownBy(() -> done(answer)).hasCauseInstanceOf(StreamResetException.class);
        HttpClientRequest next = done(client.request(HttpMethod.GET, vendor.actualPort(), "localhost", "/"));
        assertThat(next.connection()).isSameAs(shared);
        assertThat(done(next.send()).statusCode()).isEqualTo(200);
        assertThat(alarms).as("nobody waits for a confirmation any longer").isEmpty();
    }

    @Test
    void over_http_2_the_whole_connection_is_reset_if_the_vendor_is_silent() throws Exception {
        try (ServerSocket vendor = listening()) {
            CompletableFuture<Socket> accepted = CompletableFuture.supplyAsync(() -> {
                try {
                    Socket socket = vendor.accept();
                    socket.getOutputStream().write(SETTINGS);
                    return socket;
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            HttpClientRequest request =
                    done(client(HttpVersion.HTTP_2).request(HttpMethod.GET, vendor.getLocalPort(), "localhost", "/"));
            connection.connected(request);
            Future<?> answer = request.send();
            CompletionStage<Void> gone = connection.reset();
            assertThatThrownBy(() -> done(answer)).hasCauseInstanceOf(StreamResetException.class);
            assertThat(gone.toCompletableFuture()).isNotDone();
            assertThat(delays).containsExactly(AttemptConnection.CONFIRMATION);

            alarms.getFirst().run();

            over(gone);
            try (Socket there = accepted.get(20, TimeUnit.SECONDS)) {
                assertThatThrownBy(() -> there.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
            }
        }
    }

    private HttpClient client(HttpVersion version) {
        return vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false));
    }

    private static ServerSocket listening() throws IOException {
        ServerSocket socket = new ServerSocket(0, 10, InetAddress.getByName("localhost"));
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Waits until there is something to read, and leaves it there. */
    private static void awaitSomething(Socket socket) throws IOException, InterruptedException {
        InputStream in = socket.getInputStream();
        while (in.available() == 0) {
            Thread.onSpinWait();
        }
    }

    private static void over(CompletionStage<Void> stage) throws Exception {
        stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
