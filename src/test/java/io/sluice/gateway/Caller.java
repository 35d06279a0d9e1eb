package io.sluice.gateway;

import io.sluice.gateway.StubVendor.Http;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** A caller of Sluice that says exactly what it is told to, over a connection of its own. */
public final class Caller implements AutoCloseable {
    public static final String DEV = "Authorization: Bearer dev-key";
    public static final String BULK = "Authorization: Bearer bulk-key";

    private final int port;
    private final Socket socket;
    private final InputStream in;

    private Caller(int port) throws IOException {
        this.port = port;
        socket = new Socket("localhost", port);
        socket.setSoTimeout(40_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Where Sluice listens. */
    public static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    }

    /** Opens a connection. */
    public static Caller connected() throws IOException {
        return connected(port());
    }

    /** Opens a connection to another port. */
    public static Caller connected(int port) throws IOException {
        return new Caller(port);
    }

    /** Makes a call without a body, on a connection of its own. */
    public static Reply call(String method, String target, String... headers) throws IOException {
        try (Caller caller = connected()) {
            caller.send(method + " " + target + " HTTP/1.1", List.of(headers), "");
            return caller.reply(method);
        }
    }

    /** Makes a call with a body, on a connection of its own. */
    public static Reply callWith(String body, String method, String target, String... headers) throws IOException {
        try (Caller caller = connected()) {
            caller.sendWith(body, method, target, headers);
            return caller.reply(method);
        }
    }

    /** Sends a request with a body and its length. */
    public void sendWith(String body, String method, String target, String... headers) throws IOException {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        List<String> all = new java.util.ArrayList<>(List.of(headers));
        all.add("Content-Length: " + length);
        send(method + " " + target + " HTTP/1.1", all, body);
    }

    /** Sends a request; adds a {@code Host} where none is given. */
    public void send(String line, List<String> headers, String body) throws IOException {
        String host = Http.values(headers, "Host").isEmpty() ? "Host: localhost:" + port + "\r\n" : "";
        String lines = headers.isEmpty() ? "" : String.join("\r\n", headers) + "\r\n";
        write(line + "\r\n" + host + lines + "\r\n" + body);
    }

    public void write(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Reads an answer to its end. */
    public Reply reply(String method) throws IOException {
        String line = Http.line(in);
        if (line.isEmpty()) {
            throw new IOException("the connection ended without an answer");
        }
        List<String> headers = Http.headers(in);
        int status = Integer.parseInt(line.split(" ", -1)[1]);
        if (status == 100) {
            return reply(method);
        }
        boolean empty = method.equals("HEAD") || status == 204 || status == 304;
        return new Reply(status, headers, empty ? "" : Http.body(in, headers));
    }

    /** Reads some bytes of an answer and no more. */
    public void readSome(int bytes) throws IOException {
        in.readNBytes(bytes);
    }

    /** Hangs up. */
    public void leave() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** An answer, read whole. */
    public record Reply(int status, List<String> headers, String body) {
        public List<String> values(String name) {
            return Http.values(headers, name);
        }

        /** The only value of a header. */
        public String header(String name) {
            List<String> values = values(name);
            if (values.size() != 1) {
                throw new AssertionError("one " + name + " should be there: " + headers);
            }
            return values.getFirst();
        }

        /** Everything that was answered. */
        public String text() {
            return status + "\n" + String.join("\n", headers) + "\n\n" + body;
        }
    }
}
