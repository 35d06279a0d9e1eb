package io.sluice.sandbox;

/** A refusal of a call: ends its work with a response, from any depth. */
final class RefusedException extends RuntimeException {
    private final transient Answer answer;

    RefusedException(Answer answer) {
        super("answered " + answer.status(), null, false, false);
        this.answer = answer;
    }

    Answer answer() {
        return answer;
    }
}
