package io.sluice.gateway;

/** The answer's header that says what its status does not. */
final class OutcomeHeader {
    static final String NAME = "Sluice-Outcome";

    /** The call may have been carried out. */
    static final String UNKNOWN = "unknown";

    /** The vendor refuses the company's credential, so the call was not carried out, and is no fault of its caller's. */
    static final String CREDENTIAL_REFUSED = "credential-refused";

    private OutcomeHeader() {}
}
