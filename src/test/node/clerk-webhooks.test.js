// Clerk's webhooks, signed by Svix's own library.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { Webhook } from 'svix';
import { base, key, management, reset } from './sluice.js';

const secret = 'whsec_Z2F0ZXdheS10ZXN0LXNpZ25pbmcta2V5LTAwMDAwMDA=';
const user = '/v1/users/user_sandbox_1';

beforeEach(reset);

test('an event about a user makes the next read a new one', async () => {
    await fresh(user);
    assert.match(await cacheStatus(user), /hit/);

    assert.equal((await deliver(event('user.updated', { id: 'user_sandbox_1', updated_at: Date.now() }))).status, 204);

    assert.doesNotMatch(await cacheStatus(user), /hit/);
});

test('an event that tells nothing new costs nothing', async () => {
    const { updated_at } = await fresh(user);

    for (const known of [updated_at, updated_at - 1]) {
        await deliver(event('user.updated', { id: 'user_sandbox_1', updated_at: known }));
        assert.match(await cacheStatus(user), /hit/);
    }
    await deliver(event('user.updated', { id: 'user_sandbox_2', updated_at: Date.now() }));
    assert.match(await cacheStatus(user), /hit/);
});

test('an event of a time to come does not forbid to keep what comes until then', async () => {
    await fresh(user);
    await deliver(event('user.updated', { id: 'user_sandbox_1', updated_at: Date.now() + 3_600_000 }));

    assert.doesNotMatch(await cacheStatus(user), /hit/);
    assert.match(await cacheStatus(user), /hit/);
});

test('a deleted user is gone, and a late event does not bring it back', async () => {
    await fresh(user);
    await fetch(`${base}/sandbox/clerk/v1/users/user_sandbox_1`, {
        method: 'DELETE',
        headers: { Authorization: 'Bearer sk_test_sandbox' },
    });
    await deliver(event('user.deleted', { id: 'user_sandbox_1', object: 'user', deleted: true }));
    await deliver(event('user.updated', { id: 'user_sandbox_1', updated_at: Date.now() - 1000 }));

    assert.equal((await read(user)).status, 404);
});

test('events about users spoil counts, events about members organizations', async () => {
    const count = '/v1/users/count';
    await fresh(count);
    await deliver(event('user.created', { id: 'user_9', updated_at: Date.now() }));
    assert.doesNotMatch(await cacheStatus(count), /hit/);

    const { id } = await organization();
    const path = `/v1/organizations/${id}`;
    await fresh(path);
    await deliver(
        event('organizationMembership.created', {
            organization: { id },
            public_user_data: { user_id: 'user_sandbox_1' },
        }),
    );
    assert.doesNotMatch(await cacheStatus(path), /hit/);
    await deliver(event('organizationInvitation.created', { organization_id: id }));
    assert.doesNotMatch(await cacheStatus(path), /hit/);
    await deliver(event('organization.updated', { id, updated_at: Date.now() }));
    assert.doesNotMatch(await cacheStatus(path), /hit/);
});

test('nothing is done for what is unsigned, outdated, or comes again', async () => {
    await fresh(user);
    const body = event('user.deleted', { id: 'user_sandbox_1', deleted: true });

    const unsigned = await post(body, { 'svix-id': 'msg_1', 'svix-timestamp': seconds(), 'svix-signature': 'v1,no' });
    assert.equal(unsigned.status, 401);
    assert.equal((await unsigned.json()).type, 'urn:sluice:problem:unauthenticated-webhook');
    assert.equal((await post(body, {})).status, 401);
    for (const minutes of [-6, 6]) {
        assert.equal((await deliver(body, { at: new Date(Date.now() + minutes * 60_000) })).status, 401);
    }
    assert.match(await cacheStatus(user), /hit/);

    const id = `msg_${randomUUID()}`;
    assert.equal((await deliver(body, { id })).status, 204);
    await fresh(user);
    assert.equal((await deliver(body, { id })).status, 409);
    assert.equal((await deliver(body, { id, at: new Date(Date.now() + 5000) })).status, 409);
    assert.match(await cacheStatus(user), /hit/);
});

test('the other spelling of the headers is understood', async () => {
    const body = event('user.updated', { id: 'user_sandbox_1', updated_at: Date.now() });
    const signed = headers(body, {});

    const answer = await post(
        body,
        Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.replace('svix-', 'webhook-'), value])),
    );

    assert.equal(answer.status, 204);
});

test('what is signed is always taken', async () => {
    await fresh(user);
    assert.equal((await deliver(event('email.created', { id: 'ema_1' }))).status, 204);
    assert.match(await cacheStatus(user), /hit/);

    assert.equal((await deliver('{"type":"user.updated","data":{}}')).status, 204);
    assert.doesNotMatch(await cacheStatus(user), /hit/);
    assert.equal((await deliver('not json')).status, 204);
    assert.doesNotMatch(await cacheStatus(user), /hit/);
});

test('nobody is there, and nothing is too large', async () => {
    for (const place of ['clerk@nobody', 'clari', 'nobody']) {
        assert.equal((await deliver('{}', { place })).status, 404);
    }
    assert.equal((await deliver(JSON.stringify({ type: 'x.y', data: 'z'.repeat(1_100_000) }))).status, 413);
});

test('every verdict is counted', async () => {
    const metrics = await (await fetch(`${management}/q/metrics`)).text();

    for (const result of ['done', 'ignored', 'unreadable', 'invalid_signature', 'timestamp_out_of_tolerance', 'duplicate']) {
        assert.match(metrics, new RegExp(`sluice_webhooks_total\\{[^}]*result="${result}"[^}]*\\} [1-9]`));
    }
});

const seconds = () => Math.floor(Date.now() / 1000).toString();

function event(type, data) {
    return JSON.stringify({ data, object: 'event', type, timestamp: Date.now(), instance_id: 'ins_1' });
}

function headers(body, { id = `msg_${randomUUID()}`, at = new Date() }) {
    return {
        'svix-id': id,
        'svix-timestamp': Math.floor(at.getTime() / 1000).toString(),
        'svix-signature': new Webhook(secret).sign(id, at, body),
    };
}

const deliver = (body, how = {}) => post(body, headers(body, how), how.place);

function post(body, headers, place = 'clerk') {
    return fetch(`${base}/webhooks/${place}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
    });
}

const read = (path, more = {}) =>
    fetch(`${base}/clerk${path}`, { headers: { Authorization: `Bearer ${key}`, ...more } });

const cacheStatus = async (path) => (await read(path)).headers.get('Cache-Status');

/** Reads it anew, so that it is kept. */
async function fresh(path) {
    const answer = await read(path, { 'Cache-Control': 'no-cache' });
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    return body;
}

async function organization() {
    const answer = await fetch(`${base}/clerk/v1/organizations`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'Acme' }),
    });
    return answer.json();
}
