package io.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.call.Body;
import io.sluice.gateway.Configured;
import io.sluice.gateway.GatewayConfig;
import io.sluice.http.RequestBodies.BodyReservation;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of up to 8 bytes are kept, and 8 bytes in all, so that one such body takes all the room there is. */
class RequestBodiesTest {
    private static final int KEPT = 8;

    private final RequestBodies bodies = bodies(Configured.bodies(KEPT, KEPT));

    private static RequestBodies bodies(GatewayConfig config) {
        return new RequestBodies(config.bodies(), config.idempotency());
    }

    @Test
    void a_request_without_a_body_has_none() throws IOException {
        try (BodyReservation length = bodies.read(stated(0), () -> stream(""));
                BodyReservation nothing = bodies.read(request(Map.of()), () -> stream(""))) {
            assertThat(length.body()).isInstanceOf(Body.None.class);
            assertThat(nothing.body()).isInstanceOf(Body.None.class);
        }
        assertAllRoomIsFree();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1234567", "12345678"})
    void a_body_up_to_the_bound_is_kept_whether_it_states_its_length_or_not(String text) throws IOException {
        try (BodyReservation reservation = bodies.read(stated(text.length()), () -> stream(text))) {
            assertThat(kept(reservation)).isEqualTo(text);
        }
        assertAllRoomIsFree();
        try (BodyReservation reservation = bodies.read(chunked(), () -> stream(text))) {
            assertThat(kept(reservation)).isEqualTo(text);
        }
        assertAllRoomIsFree();
    }

    @ParameterizedTest
    @ValueSource(strings = {"123456789", "1234567890123456789012345"})
    void a_larger_body_passes_whole_and_takes_no_room(String text) throws IOException {
        BodyReservation stated = bodies.read(stated(text.length()), () -> stream(text));
        assertThat(stated.body())
                .isInstanceOfSatisfying(
                        Body.Streaming.class, body -> assertThat(body.length()).isEqualTo(text.length()));
        assertThat(passed(stated)).isEqualTo(text);
        assertAllRoomIsFree();
        stated.close();
        assertAllRoomIsFree();

        BodyReservation unstated = bodies.read(chunked(), () -> stream(text));
        assertThat(unstated.body())
                .isInstanceOfSatisfying(
                        Body.Streaming.class, body -> assertThat(body.length()).isEqualTo(-1));
        assertThat(passed(unstated)).isEqualTo(text);
        assertAllRoomIsFree();
        unstated.close();
        assertAllRoomIsFree();
    }

    @Test
    void an_empty_body_of_unknown_length_is_none() throws IOException {
        try (BodyReservation reservation = bodies.read(chunked(), () -> stream(""))) {
            assertThat(reservation.body()).isInstanceOf(Body.None.class);
            assertAllRoomIsFree();
        }
        assertAllRoomIsFree();
    }

    @Test
    void a_body_of_unknown_length_takes_only_the_room_it_needs() throws IOException {
        try (BodyReservation three = bodies.read(chunked(), () -> stream("123"));
                BodyReservation five = bodies.read(stated(5), () -> stream("12345"));
                BodyReservation none = bodies.read(stated(1), () -> stream("1"))) {
            assertThat(kept(three)).isEqualTo("123");
            assertThat(kept(five)).isEqualTo("12345");
            assertThat(passed(none)).isEqualTo("1");
        }
        assertAllRoomIsFree();
    }

    @Test
    void where_the_room_is_used_up_bodies_pass() throws IOException {
        try (BodyReservation first = bodies.read(stated(1), () -> stream("1"))) {
            assertThat(kept(first)).isEqualTo("1");

            try (BodyReservation stated = bodies.read(stated(8), () -> stream("12345678"));
                    BodyReservation unstated = bodies.read(chunked(), () -> stream("12"))) {
                assertThat(passed(stated)).isEqualTo("12345678");
                assertThat(passed(unstated)).isEqualTo("12");
            }
        }
        assertAllRoomIsFree();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "123", "12345678"})
    void a_body_that_breaks_off_gives_its_room_back(String start) {
        assertThatThrownBy(() -> bodies.read(chunked(), () -> brokenAfter(start)))
                .isInstanceOf(IOException.class);
        assertAllRoomIsFree();
    }

    @Test
    void a_body_of_stated_length_that_breaks_off_gives_its_room_back() {
        assertThatThrownBy(() -> bodies.read(stated(5), () -> brokenAfter("123")))
                .isInstanceOf(IOException.class);
        assertAllRoomIsFree();
    }

    @Test
    void a_body_that_breaks_off_beyond_the_bound_passes_its_beginning() throws IOException {
        BodyReservation reservation = bodies.read(chunked(), () -> brokenAfter("123456789"));

        InputStream streaming = ((Body.Streaming) reservation.body()).stream();
        assertThat(streaming.readNBytes(9)).asString(StandardCharsets.UTF_8).isEqualTo("123456789");
        assertThatThrownBy(streaming::read).isInstanceOf(IOException.class);
        assertAllRoomIsFree();
    }

    /** One full body is kept, and nothing next to it: as much room is free as there was at first, and no more. */
    private void assertAllRoomIsFree() {
        try (BodyReservation all = bodies.read(stated(KEPT), () -> stream("12345678"))) {
            assertThat(all.body()).isInstanceOf(Body.Buffered.class);
            try (BodyReservation more = bodies.read(stated(1), () -> stream("1"))) {
                assertThat(more.body()).isInstanceOf(Body.Streaming.class);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String kept(BodyReservation reservation) {
        return new String(((Body.Buffered) reservation.body()).bytes(), StandardCharsets.UTF_8);
    }

    private static String passed(BodyReservation reservation) throws IOException {
        return new String(((Body.Streaming) reservation.body()).stream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A body that breaks off after its bytes. */
    private static InputStream brokenAfter(String start) {
        return new SequenceInputStream(stream(start), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the caller has left");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                throw new IOException("the caller has left");
            }
        });
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpServerRequest stated(int length) {
        return request(Map.of("Content-Length", Integer.toString(length)));
    }

    private static HttpServerRequest chunked() {
        return request(Map.of("Transfer-Encoding", "chunked"));
    }

    private static HttpServerRequest request(Map<String, String> headers) {
        return (HttpServerRequest) Proxy.newProxyInstance(
                RequestBodiesTest.class.getClassLoader(),
                new Class<?>[] {HttpServerRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getHeader" -> headers.get(arguments[0].toString());
                    case "version" -> HttpVersion.HTTP_1_1;
                    default -> throw new AssertionError(method);
                });
    }
}
