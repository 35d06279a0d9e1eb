package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;

/**
 * The result of a call, with the effect that the cache had on it.
 *
 * @param made the call that was made at the vendor; the caller's own where none was
 */
public record ServedResult(Result result, Call made, CacheStatus status) {}
