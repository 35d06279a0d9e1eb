package io.sluice.gateway;

/** The response header for outcomes that the status cannot express. */
final class OutcomeHeader {
    static final String NAME = "Sluice-Outcome";

    /** The call may have been executed. */
    static final String UNKNOWN = "unknown";

    /** The vendor refuses the company's credential, so the call was not executed, through no fault of its caller. */
    static final String CREDENTIAL_REFUSED = "credential-refused";

    private OutcomeHeader() {}
}
