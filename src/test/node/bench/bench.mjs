// Drives the vendor of one scenario with one Node library for a while; prints one JSON line per scenario.
// Arguments: a JSON list of {limiter, permits, windowMs, jitterMs, seconds}.
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';

const WORKERS = 50;

/** Counts like the simulated vendors of the Java tests. */
function limiter({limiter: kind, permits, windowMs}) {
  const phase = windowMs / 3;
  let log = [];
  let index = NaN;
  let count = 0;
  let previous = 0;
  let tokens = 20;
  let filledAt = performance.now();
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

const sleep = ms => new Promise(done => setTimeout(done, ms));

function vendor(scenario) {
  const admits = limiter(scenario);
  const counts = {accepted: 0, refused: 0};
  const call = async () => {
    await sleep(1 + Math.random() * scenario.jitterMs);
    counts[admits(performance.now()) ? 'accepted' : 'refused']++;
    await sleep(1);
  };
  return {call, counts};
}

const libraries = {
  'p-queue': ({permits, windowMs}) => {
    const queue = new PQueue({intervalCap: permits, interval: windowMs, carryoverConcurrencyCount: false});
    return task => queue.add(task);
  },
  'p-throttle': ({permits, windowMs}) => pThrottle({limit: permits, interval: windowMs})(task => task()),
  'Bottleneck': ({permits, windowMs}) => {
    const bottleneck = new Bottleneck({
      reservoir: permits, reservoirRefreshAmount: permits, reservoirRefreshInterval: windowMs,
    });
    return task => bottleneck.schedule(task);
  },
};

async function run(library, scenario) {
  const {call, counts} = vendor(scenario);
  const limited = libraries[library](scenario);
  const warm = 2 * scenario.windowMs;
  const start = performance.now();
  const end = start + scenario.seconds * 1000;
  let before;
  setTimeout(() => { before = {...counts}; }, warm);
  const workers = Array.from({length: WORKERS}, async () => {
    while (performance.now() < end) {
      await Promise.race([limited(call), sleep(end - performance.now())]);
    }
  });
  await Promise.all(workers);
  const accepted = counts.accepted - before.accepted;
  const refused = counts.refused - before.refused;
  const windows = (scenario.seconds * 1000 - warm) / scenario.windowMs;
  return {
    library, ...scenario,
    use: accepted / windows / scenario.permits,
    refused: refused / Math.max(1, accepted + refused),
  };
}

const scenarios = JSON.parse(process.argv[2]);
const results = Object.keys(libraries).flatMap(library => scenarios.map(scenario => run(library, scenario)));
for (const result of await Promise.all(results)) {
  console.log(JSON.stringify(result));
}
process.exit(0);
