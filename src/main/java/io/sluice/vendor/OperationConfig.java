package io.sluice.vendor;

import java.time.Duration;
import java.util.Optional;

/** {@code sluice.<vendor>.operations.<operation>.*}: what is different for the calls of one operation. */
public interface OperationConfig {
    /**
     * How long a call may take from the sending of its first attempt on, until the answer begins; unless it is given, reads
     * have {@code sluice.call-timeout}, and writes no end of their own.
     */
    Optional<Duration> callTimeout();
}
