package io.sluice.web;

/** A request to Sluice's own API that cannot be met, with the problem to answer. */
final class ApiException extends RuntimeException {
    private final Problem.Kind kind;

    ApiException(Problem.Kind kind, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
    }

    Problem.Kind kind() {
        return kind;
    }
}
