package io.sluice.cache;

import java.util.Optional;
import io.sluice.call.Call;
import io.sluice.call.Result;

/**
 * The result of a call, with the effect that the cache had on it.
 *
 * @param made the call that was made at the vendor for this read; empty where none was
 */
public record ServedResult(Result result, Optional<Call> made, CacheStatus status) {}
