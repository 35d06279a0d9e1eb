// Drives the vendor of one scenario with one Node library for a while; prints one JSON line per scenario.
// Arguments: a JSON list of {limiter, permits, windowMs, jitterMs, seconds}.
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import pThrottle from 'p-throttle';
import {limiter} from './vendors.mjs';

const WORKERS = 50;

const sleep = ms => new Promise(done => setTimeout(done, ms));

function vendor(scenario) {
  const admits = limiter(scenario, performance.now());
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
