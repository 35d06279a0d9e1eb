package io.sluice.sandbox.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The operations of a surface, matched in the order they were added; the last two match every other call. */
public final class Operations {
    private static final String ANY_METHOD = "*";

    private final List<Operation> operations = new ArrayList<>();

    public Operations on(String name, String method, String path, Operation.Work work, Charge... charges) {
        return add(name, method, path, work, List.of(charges), false, false);
    }

    /** Answered without credentials. */
    public Operations open(String name, String method, String path, Operation.Work work, Charge... charges) {
        return add(name, method, path, work, List.of(charges), true, false);
    }

    /** An upload of any size, answered with its length and SHA-256. */
    public Operations sink(String name, String method, String path, Charge... charges) {
        return add(name, method, path, Operations::digest, List.of(charges), false, true);
    }

    /** {@code GET} of any number of bytes and an upload sink at {@code path}; neither exists at the vendor. */
    public Operations big(String path, Charge... charges) {
        return on("big-download", "GET", path, Operations::download, charges)
                .sink("big-upload", "POST", path, charges)
                .sink("big-upload", "PUT", path, charges);
    }

    /** Everything else under this surface. */
    public Operations otherwise(Operation.Work work, Charge... charges) {
        return add("unknown", ANY_METHOD, "/**", work, List.of(charges), false, false);
    }

    private Operations add(
            String name,
            String method,
            String path,
            Operation.Work work,
            List<Charge> charges,
            boolean open,
            boolean sink) {
        operations.add(new Operation(name, method, PathPattern.of(path), charges, open, sink, work));
        return this;
    }

    private static SandboxResponse digest(Call call) {
        return SandboxResponse.json(
                200,
                Json.of(
                        "bytes",
                        call.payload().bytes(),
                        "sha256",
                        call.payload().sha256()));
    }

    private static SandboxResponse download(Call call) {
        long bytes = call.queryNumber("bytes", 1 << 20);
        return SandboxResponse.generated(bytes, "application/octet-stream");
    }

    /** The operation that takes {@code rawPath}, with its decoded variables. */
    Match find(String method, String rawPath) {
        for (Operation operation : operations) {
            if (operation.method().equals(method) || operation.method().equals(ANY_METHOD)) {
                Map<String, String> variables = operation.path().match(rawPath);
                if (variables != null) {
                    return new Match(operation, variables);
                }
            }
        }
        throw new IllegalStateException("no operation takes " + method + " " + rawPath);
    }

    /** The names of the operations, each once. */
    Set<String> names() {
        return operations.stream().map(Operation::name).collect(Collectors.toCollection(TreeSet::new));
    }

    record Match(Operation operation, Map<String, String> variables) {}
}
