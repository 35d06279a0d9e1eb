// Vendors' limiters, which count like the simulated ones of the Java tests.

/**
 * Whether a call is admitted that arrives at a time in milliseconds, told in the order of arrival.
 *
 * @param start the time before the first call
 */
export function limiter({limiter: kind, permits, windowMs}, start) {
  const phase = windowMs / 3;
  let log = [];
  let index = NaN;
  let count = 0;
  let previous = 0;
  let tokens = 20;
  let filledAt = start;
  return now => {
    switch (kind) {
      case 'fixed': {
        const current = Math.floor((now - phase) / windowMs);
        if (current !== index) { index = current; count = 0; }
        return count < permits && ++count > 0;
      }
      case 'sliding':
        log = log.filter(at => at > now - windowMs);
        return log.length < permits && log.push(now) > 0;
      case 'counter': {
        const current = Math.floor((now - phase) / windowMs);
        if (current !== index) { previous = current === index + 1 ? count : 0; index = current; count = 0; }
        const share = 1 - (now - phase - current * windowMs) / windowMs;
        return count + previous * share + 1 <= permits && ++count > 0;
      }
      default:
        tokens = Math.min(20, tokens + (now - filledAt) * permits / windowMs);
        filledAt = now;
        return tokens >= 1 && tokens-- > 0;
    }
  };
}

/** Milliseconds until a limiter of that kind, which has just refused a call, may admit one again. */
export function untilReset({limiter: kind, permits, windowMs}, now, admitted) {
  if (kind === 'sliding') {
    return admitted[admitted.length - permits] + windowMs - now;
  }
  const phase = windowMs / 3;
  return phase + (Math.floor((now - phase) / windowMs) + 1) * windowMs - now;
}
