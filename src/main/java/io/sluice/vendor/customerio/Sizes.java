package io.sluice.vendor.customerio;

/** What Customer.io takes in one piece, in bytes (Track and Pipelines OpenAPI documents). */
final class Sizes {
    /** One operation of Track v2, or one message of Pipelines. */
    static final int OPERATION = 32 * 1024;

    /** A batch of either. */
    static final int BATCH = 500 * 1024;

    private Sizes() {}
}
