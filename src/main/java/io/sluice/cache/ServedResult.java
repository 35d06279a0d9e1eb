package io.sluice.cache;

import io.sluice.call.Call;
import io.sluice.call.Result;
import org.jspecify.annotations.Nullable;

/**
 * The result of a call, with the effect that the cache had on it.
 *
 * @param made the call that was made at the vendor for this read; null where none was
 */
public record ServedResult(Result result, @Nullable Call made, CacheStatus status) {}
