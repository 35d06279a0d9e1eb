package io.sluice.saas.clerk;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.http.Ndjson;
import io.sluice.problem.ApiException;
import io.sluice.problem.Problem.Kind;
import io.sluice.saas.clerk.ClerkUsers.UserLookup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The writer of the results of a look-up: in one object, or one a line. For one thread. */
final class LookupResultWriter {
    private final ObjectMapper json;
    private final OutputStream out;
    private final boolean lines;
    private final String requestId;
    private boolean begun;

    LookupResultWriter(ObjectMapper json, OutputStream out, boolean lines, String requestId) {
        this.json = json;
        this.out = out;
        this.lines = lines;
        this.requestId = requestId;
    }

    void begin() throws IOException {
        if (!lines) {
            out.write(ascii("{\"results\":["));
        }
    }

    void add(String id, UserLookup looked) throws IOException {
        if (!lines && begun) {
            out.write(',');
        }
        begun = true;
        out.write(ascii("{\"id\":"));
        out.write(json.writeValueAsBytes(id));
        switch (looked) {
            case UserLookup.User(byte[] user) -> {
                out.write(ascii(",\"user\":"));
                out.write(lines ? Ndjson.oneLine(user.clone()) : user);
            }
            case UserLookup.Missing() -> error(new ApiException(Kind.NOT_FOUND, "there is no such user"));
            case UserLookup.NoId() -> error(new ApiException(Kind.INVALID, "no user has such an id"));
            case UserLookup.Unknown(ClerkUsers.Failure failure) -> error(LookupProblems.of(failure));
        }
        out.write(ascii(lines ? "}\n" : "}"));
    }

    private void error(ApiException problem) throws IOException {
        out.write(ascii(",\"error\":"));
        out.write(json.writeValueAsBytes(problem.problem(requestId)));
    }

    void flush() throws IOException {
        out.flush();
    }

    void end() throws IOException {
        if (!lines) {
            out.write(ascii("]}"));
        }
        out.flush();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
