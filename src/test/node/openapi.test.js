// The API document as teams use it: it passes a linter, a client is generated from it, and its examples work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { base, key, reset } from './sluice.js';

const HERE = import.meta.dirname;
/** Far longer than any takes, also on a busy machine. */
const TOOL_MS = 180_000;
const ENVIRONMENT = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

let document;

before(async () => {
    await reset();
    document = JSON.parse(await readFile(`${HERE}/openapi.json`, 'utf8'));
});

/** Runs a program of a package; what it printed is in the failure's message. */
async function tool(failure, script, ...args) {
    try {
        await promisify(execFile)(process.execPath, [`${HERE}/node_modules/${script}`, ...args], {
            cwd: HERE, env: ENVIRONMENT, timeout: TOOL_MS, maxBuffer: 16 * 1024 * 1024,
        });
    } catch (error) {
        assert.fail(`${failure}\n${error.stdout}\n${error.stderr}`);
    }
}

test('the document has neither errors nor warnings', async () => {
    await tool(
        'The OpenAPI document (target/node/openapi.json) lacks what stands below. src/docs/building.md, "Document an endpoint", says how to add it.',
        '@redocly/cli/bin/cli.js', 'lint', 'openapi.json', '--config', 'redocly.yaml', '--format', 'stylish', '--max-problems', '500',
    );
});

test('a generated client type-checks and orders an export to its end', async () => {
    await rm(`${HERE}/generated`, { recursive: true, force: true });
    await tool(
        'No client can be generated from the OpenAPI document.',
        '@hey-api/openapi-ts/bin/run.js', '--input', 'openapi.json', '--output', 'generated', '--client', '@hey-api/client-fetch', '--silent',
    );
    await tool('The client that is generated from the OpenAPI document does not type-check.', 'typescript/bin/tsc', '--project', 'tsconfig.json');
    const { orderExport } = await import('./compiled/order-export.js');

    const { location, ordered, ended, listed, files } = await orderExport(base, key);

    assert.equal(location, `/api/exports/${ordered.id}`);
    assert.equal(ended.id, ordered.id);
    assert.equal(ended.state, 'done');
    assert.equal(ended.forecast, 'generated_client');
    assert.deepEqual(ended.progress, { parts: 2, done: 2, failed: 0 });
    assert.equal(ended.parts[0].rows_truncated, false);
    assert.deepEqual(listed.map((each) => each.id), [ordered.id]);
    assert.deepEqual(files.map((text) => JSON.parse(text).timePeriods[0].timePeriodId), ['2026_Q1', '2026_Q2']);
});

function* operations() {
    for (const [path, item] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(item)) yield { path, method, operation };
    }
}

const send = (method, path, body) => fetch(base + path, {
    method: method.toUpperCase(),
    headers: { Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
});

test('every example of a request body works in "Try it out" against the sandbox', async () => {
    const vendors = new Set();
    for (const { path, method, operation } of operations()) {
        const examples = Object.entries(operation.requestBody?.content['application/json'].examples ?? {});
        for (const [name, { value }] of examples) {
            const target = path.replace('{vendor}', 'fathom').replace('{account}', 'default').replace('{limit}', 'account');
            const answer = await send(method, target, value);
            const text = await answer.text();
            assert.ok(answer.ok, `${method} ${target}, example ${name}: ${answer.status} ${text}`);
            vendors.add(name);
        }
    }
    for (const vendor of ['clari', 'clerk', 'customerio']) assert.ok(vendors.has(vendor), `no example of a request is called ${vendor}`);
    // The examples have paused an account and changed its limit, which are others' as well.
    for (const [method, target] of [
        ['DELETE', '/api/limits/fathom/default/account'],
        ['POST', '/api/limits/fathom/default/resume'],
        ['POST', '/api/deliveries/queues/fathom/default/resume'],
    ]) {
        const answer = await send(method, target);
        assert.equal(answer.status, 200, `${method} ${target}: ${await answer.text()}`);
    }
});

test('every example of a vendor leads to that vendor\'s limits', async () => {
    const { parameters } = document.paths['/api/limits/{vendor}/{account}'].get;
    const values = (name) => Object.values(parameters.find((each) => each.name === name).examples).map((each) => each.value);
    assert.deepEqual(values('vendor'), ['clari', 'clerk', 'customerio', 'fathom']);
    for (const vendor of values('vendor')) {
        for (const account of values('account')) {
            const answer = await send('GET', `/api/limits/${vendor}/${account}`);
            assert.equal(answer.status, 200);
            await answer.body.cancel();
        }
    }
});
