package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;

/**
 * How a call ended, and what the cache did for it.
 *
 * @param made the call that was made at the vendor; the caller's own where none was
 */
public record ServedResult(Result result, Call made, CacheStatus status) {}
