package io.sluice.saas;

import java.time.Duration;
import java.util.Optional;

/** The configuration of a single operation, {@code sluice.<vendor>.operations.<operation>.*}. */
public interface OperationConfig {
    /**
     * How long a call may take from the sending of its first attempt until the response begins; unless it is given,
     * reads have {@code sluice.call-timeout}, and writes no timeout of their own.
     */
    Optional<Duration> callTimeout();
}
