package io.sluice.sandbox.http;

/** A refusal of a call: ends its work with a response, from any depth. */
public final class RefusedException extends RuntimeException {
    private final transient SandboxResponse answer;

    public RefusedException(SandboxResponse answer) {
        super("answered " + answer.status(), null, false, false);
        this.answer = answer;
    }

    SandboxResponse answer() {
        return answer;
    }
}
