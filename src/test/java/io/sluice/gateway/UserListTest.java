package io.sluice.gateway;

import static io.sluice.gateway.StubVendor.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import io.sluice.gateway.StubVendor.Http;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code GET /api/clerk/users} over pages of the stub's: how it stops, goes on, and breaks off. */
@QuarkusTest
@Execution(ExecutionMode.SAME_THREAD)
class UserListTest extends MountTest {
    private static final String LIST = "/api/clerk/users?account=stub";
    private static final int PAGE = 500;
    private static final int PAGES = 5;
    private static final String JSON = "Content-Type: application/json";

    /** More than all buffers between Sluice and a caller hold. */
    private static final int LARGE = 20_000;

    @Test
    void a_caller_that_reads_slowly_holds_the_list_back() throws Exception {
        for (int page = 0; page < PAGES - 1; page++) {
            stub.answers(answer(200, users(page * PAGE, PAGE, LARGE), JSON));
        }
        stub.answers(answer(200, users((PAGES - 1) * PAGE, 3, LARGE), JSON));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout(40_000);
            socket.connect(new InetSocketAddress("localhost", Caller.port()));
            socket.getOutputStream()
                    .write(("GET " + LIST + " HTTP/1.1\r\nHost: localhost\r\n" + Caller.DEV + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(Http.line(in)).isEqualTo("HTTP/1.1 200 OK");
            List<String> headers = Http.headers(in);
            // Whoever does not wait for the caller has asked for every page long before all of these are answered. On a
            // busy machine a page may be on its way to the socket before the event loop says that it is full.
            for (int other = 0; other < 30; other++) {
                assertThat(Caller.call("GET", "/clerk/v1/users/user_other_" + other, Caller.DEV)
                                .status())
                        .isEqualTo(404);
            }
            assertThat(stub.received()).hasSizeLessThan(PAGES);

            assertThat(ids(Http.body(in, headers)))
                    .hasSize((PAGES - 1) * PAGE + 3)
                    .doesNotHaveDuplicates();
            assertThat(stub.received()).hasSize(PAGES);
        }
    }

    @Test
    void a_caller_that_leaves_leaves_no_pages_behind() throws Exception {
        for (int page = 0; page < PAGES; page++) {
            stub.answers(answer(200, users(page * PAGE, PAGE, LARGE), JSON));
        }
        try (Caller caller = Caller.connected()) {
            caller.send("GET " + LIST + " HTTP/1.1", List.of(Caller.DEV), "");
            caller.readSome(1024);
        }

        await(
                "no call waits or is in flight",
                () -> budget.state("clerk/stub").orElseThrow().queues().stream()
                        .allMatch(queue -> queue.pending() == 0 && queue.inFlight() == 0));
        for (int other = 0; other < 10; other++) {
            Caller.call("GET", "/clerk/v1/users/user_other_" + other, Caller.DEV);
        }
        // The next page may have been asked for before the event loop said that the socket is full.
        assertThat(stub.received()).hasSizeBetween(1, 2);
    }

    @Test
    void a_list_that_broke_in_the_middle_goes_on_after_the_last_user_that_came() throws Exception {
        stub.answers(answer(200, users(0, PAGE, 1), JSON));
        for (int attempt = 0; attempt < 4; attempt++) {
            stub.answers(answer(500, "{}", JSON));
        }
        assertBreaksOff();
        stub.reset();

        stub.answers(answer(200, users(PAGE, PAGE, 1), JSON), answer(200, users(2 * PAGE, 1, 1), JSON));
        Caller.Reply rest = Caller.call("GET", LIST + "&starting_after=user_" + (PAGE - 1), Caller.DEV);

        assertThat(rest.status()).isEqualTo(200);
        assertThat(ids(rest.body()))
                .isEqualTo(IntStream.rangeClosed(PAGE, 2 * PAGE)
                        .mapToObj(i -> "user_" + i)
                        .toList());
        assertThat(stub.received())
                .extracting(StubVendor.Received::target)
                .containsExactly(page("user_" + (PAGE - 1)), page("user_" + (2 * PAGE - 1)));
    }

    @Test
    void a_page_that_is_cut_short_is_no_page() throws Exception {
        String page = users(PAGE, PAGE, 1);
        stub.answers(
                answer(200, users(0, PAGE, 1), JSON),
                StubVendor.cut("HTTP/1.1 200 OK\r\n" + JSON + "\r\nContent-Length: " + page.length() + "\r\n\r\n"
                        + page.substring(0, page.length() / 2)));
        assertBreaksOff();
        assertThat(stub.received()).hasSize(2);
    }

    /** What came must not look like everything. */
    private static void assertBreaksOff() throws IOException {
        try (Caller caller = Caller.connected()) {
            caller.send("GET " + LIST + " HTTP/1.1", List.of(Caller.DEV), "");
            assertThatThrownBy(() -> caller.reply("GET")).isInstanceOf(StubVendor.CutException.class);
        }
    }

    private static List<String> ids(String lines) {
        return lines.lines().map(line -> new JsonObject(line).getString("id")).toList();
    }

    private static String page(String after) {
        return "/base/v1/users?limit=500&order_by=%2Bcreated_at&starting_after=" + after;
    }

    private static String users(int first, int count, int size) {
        String padding = "x".repeat(size);
        return IntStream.range(first, first + count)
                .mapToObj(i -> "{\"id\":\"user_" + i + "\",\"created_at\":" + i + ",\"x\":\"" + padding + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
