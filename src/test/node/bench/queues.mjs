// Hands events over to one Node queue, one after another, and lets it deliver them to a vendor for a while.
// Arguments: p-queue or bullmq, the vendor's address, Redis's port, how many events, for how many seconds.
// Prints one JSON line: {queue, accepted, p99, delivered}, in events a second and milliseconds.
import http from 'node:http';
import {Queue, Worker} from 'bullmq';
import IORedis from 'ioredis';
import PQueue from 'p-queue';

const [name, vendor, port, count, seconds] = process.argv.slice(2);
const CALLERS = 250;
const CONCURRENCY = 10;
const CALLS_A_SECOND = 100;
const agent = new http.Agent({keepAlive: true, maxSockets: CONCURRENCY});
let delivered = 0;

const event = number => ({
  type: 'person', identifiers: {id: `p${number % 100_000}`}, action: 'event', name: 'purchase',
  id: String(number).padStart(26, '0'), timestamp: 1767225600, attributes: {total: 12},
});

/** As the seed does: one call for each event. */
const deliver = one => new Promise((done, failed) => {
  const request = http.request(vendor, {method: 'POST', agent}, reply => {
    reply.resume().on('end', () => { delivered++; done(); });
  });
  request.on('error', failed).end(JSON.stringify(one));
});

const queues = {
  /** In memory: what is accepted is lost with the process. */
  'p-queue': async () => {
    const queue = new PQueue({concurrency: CONCURRENCY, intervalCap: CALLS_A_SECOND, interval: 1000, autoStart: false});
    return {
      accept: async one => { queue.add(() => deliver(one)); },
      start: () => queue.start(),
    };
  },
  'bullmq': async () => {
    const connection = new IORedis({port: Number(port), maxRetriesPerRequest: null});
    const queue = new Queue('events', {connection, defaultJobOptions: {removeOnComplete: true, attempts: 5}});
    await queue.waitUntilReady();
    return {
      accept: one => queue.add('event', one),
      start: () => new Worker('events', job => deliver(job.data), {
        connection, concurrency: CONCURRENCY, limiter: {max: CALLS_A_SECOND, duration: 1000},
      }),
    };
  },
};

const queue = await queues[name]();
const waits = [];
let next = 0;
const accepting = performance.now();
await Promise.all(Array.from({length: CALLERS}, async () => {
  while (next < count) {
    const before = performance.now();
    await queue.accept(event(next++));
    waits.push(performance.now() - before);
  }
}));
const accepted = waits.length * 1000 / (performance.now() - accepting);
waits.sort((one, other) => one - other);

const delivering = performance.now();
queue.start();
await new Promise(done => setTimeout(done, seconds * 1000));
console.log(JSON.stringify({
  queue: name,
  accepted,
  p99: waits[Math.floor(waits.length * 0.99)],
  delivered: delivered * 1000 / (performance.now() - delivering),
}));
process.exit(0);
