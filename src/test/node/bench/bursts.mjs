// Bursts at a vendor that was idle, through one Node library, on virtual time; prints one JSON line per scenario.
// Arguments: a JSON list of {limiter, permits, windowMs, calls, pages, pageMs, outMs, jitterMs, backMs}.
import {mock} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import {limiter, untilReset} from './vendors.mjs';

/** Another team asks so long after the first page. */
const OTHER_MS = 1000;
/** Before the first page: long enough for any library to be at rest. */
const IDLE_MS = 1_000_000;

const libraries = {
  'p-queue': ({permits, windowMs}) => {
    const queue = new PQueue({intervalCap: permits, interval: windowMs, carryoverConcurrencyCount: false});
    return task => queue.add(task);
  },
  'Bottleneck': ({permits, windowMs}) => {
    const bottleneck = new Bottleneck({
      reservoir: permits, reservoirRefreshAmount: permits, reservoirRefreshInterval: windowMs,
    });
    return task => bottleneck.schedule(task);
  },
};

/** The same sequence in each run, so that a run can be repeated. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function run(library, scenario, beside) {
  const sleep = ms => new Promise(done => setTimeout(done, ms));
  const admits = limiter(scenario, Date.now());
  const limited = libraries[library](scenario);
  const chance = random(1);
  const admitted = [];
  const waits = [];
  let atOnce = 0;
  let refused = 0;
  let other;
  let left = scenario.calls * scenario.pages + (beside ? 1 : 0);

  /** The library's word is law; a refused call comes again when the vendor says, in whole seconds, that it may. */
  const ask = async told => {
    const asked = Date.now();
    for (let done = false; !done;) {
      let sent;
      const wait = await limited(async () => {
        sent = Date.now();
        await sleep(scenario.outMs + chance() * scenario.jitterMs);
        const now = Date.now();
        if (admits(now)) {
          admitted.push(now);
          await sleep(scenario.backMs);
          return 0;
        }
        refused++;
        const reset = untilReset(scenario, now, admitted);
        await sleep(scenario.backMs);
        return Math.max(1, Math.ceil(reset / 1000)) * 1000;
      });
      if (wait === 0) {
        told(sent - asked);
        done = true;
      } else {
        await sleep(wait);
      }
    }
    left--;
  };

  await advance(IDLE_MS, 1000);
  for (let page = 0; page < scenario.pages; page++) {
    for (let call = 0; call < scenario.calls; call++) {
      setTimeout(() => ask(wait => {
        waits.push(wait);
        atOnce += page === 0 && wait <= 100 ? 1 : 0;
      }), page * scenario.pageMs);
    }
  }
  if (beside) {
    setTimeout(() => ask(wait => { other = wait; }), OTHER_MS);
  }
  for (let steps = 0; left > 0 && steps < 3_000_000; steps++) {
    await advance(1, 1);
  }
  if (left > 0) {
    throw new Error(`${library} has not made all calls of ${JSON.stringify(scenario)}`);
  }
  waits.sort((one, another) => one - another);
  return {
    library, ...scenario,
    p50: waits[Math.ceil(waits.length / 2) - 1], longest: waits.at(-1), atOnce, refused, other,
  };
}

async function advance(ms, step) {
  for (let passed = 0; passed < ms; passed += step) {
    mock.timers.tick(step);
    // What a timer has begun goes on as far as it can before the next.
    await turn();
  }
}

/** Everything that a run begins ends with it. */
async function timed(library, scenario, beside) {
  mock.timers.enable({apis: ['setTimeout', 'setInterval', 'Date'], now: IDLE_MS});
  try {
    return await run(library, scenario, beside);
  } finally {
    mock.timers.reset();
  }
}

for (const scenario of JSON.parse(process.argv[2])) {
  for (const library of Object.keys(libraries)) {
    const [alone, together] = [await timed(library, scenario, false), await timed(library, scenario, true)];
    console.log(JSON.stringify({...alone, other: together.other}));
  }
}
process.exit(0);
