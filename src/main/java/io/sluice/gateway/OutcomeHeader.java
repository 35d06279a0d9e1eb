package io.sluice.gateway;

/** The response header for outcomes that the status cannot express. */
public final class OutcomeHeader {
    public static final String NAME = "Sluice-Outcome";

    /** The call may have been executed. */
    static final String UNKNOWN = "unknown";

    /** The vendor refuses the company's credential, so the call was not executed, through no fault of its caller. */
    public static final String CREDENTIAL_REFUSED = "credential-refused";

    private OutcomeHeader() {}
}
