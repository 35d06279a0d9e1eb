package io.sluice.saas;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** A reader of what a vendor's response to its {@link CredentialProbe} says about an account, beside accepting it. */
public interface ProbeReader {
    /** Returns the vendor whose probe it reads. */
    String vendor();

    /** Returns a step for one response. To be called right before the probe is sent. */
    Reading begin(String account);

    /** The reading of one response. */
    @FunctionalInterface
    interface Reading {
        /**
         * Takes in a successful response.
         *
         * @param body missing if it is no JSON
         * @return what is wrong with it; empty if nothing is
         */
        Optional<String> take(JsonNode body);
    }
}
