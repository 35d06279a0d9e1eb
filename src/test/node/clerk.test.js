// @clerk/backend with nothing changed but apiUrl and the key.
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { createClerkClient, verifyToken } from '@clerk/backend';
import { isClerkAPIResponseError } from '@clerk/backend/errors';
import { arrivals, base, failure, key, report, reset, sandbox } from './sluice.js';

const apiUrl = `${base}/clerk`;
const clerk = createClerkClient({ secretKey: key, apiUrl });

beforeEach(reset);

test('lists users with its two parallel requests', async () => {
    const users = await clerk.users.getUserList({ limit: 2, orderBy: '+created_at' });

    assert.equal(users.totalCount, 3);
    assert.deepEqual(users.data.map((user) => user.id), ['user_sandbox_1', 'user_sandbox_2']);
    assert.equal(users.data[0].firstName, 'Sandbox');
    const operations = (await arrivals('clerk')).map((request) => request.operation).sort();
    assert.deepEqual(operations, ['count-users', 'list-users']);
});

test('filters by values that repeat and need escapes', async () => {
    const users = await clerk.users.getUserList({ emailAddress: ['user1@example.com', 'user3@example.com'] });

    assert.deepEqual(users.data.map((user) => user.externalId).sort(), ['ext-1', 'ext-3']);
    assert.equal(users.totalCount, 2);
});

test('creates, reads, updates and deletes a user', async () => {
    const created = await clerk.users.createUser({
        emailAddress: ['ada@example.com'],
        firstName: 'Ada',
        externalId: 'ext-ada',
    });
    const read = await clerk.users.getUser(created.id);
    const updated = await clerk.users.updateUser(created.id, { lastName: 'Lovelace' });
    const merged = await clerk.users.updateUserMetadata(created.id, { publicMetadata: { plan: 'pro' } });

    assert.equal(read.primaryEmailAddress.emailAddress, 'ada@example.com');
    assert.equal(updated.lastName, 'Lovelace');
    assert.deepEqual(merged.publicMetadata, { plan: 'pro' });
    const stored = (await report('clerk/users')).users.find((user) => user.id === created.id);
    assert.equal(stored.external_id, 'ext-ada');
    assert.deepEqual(stored.public_metadata, { plan: 'pro' });

    const deleted = await clerk.users.deleteUser(created.id);
    assert.equal(deleted.deleted, true);
    assert.equal((await report('clerk')).state.users, 3);
});

test('understands an error of the vendor', async () => {
    const error = await failure(clerk.users.getUser('user_nobody'));

    assert.ok(isClerkAPIResponseError(error), String(error));
    assert.equal(error.status, 404);
    assert.equal(error.errors[0].code, 'resource_not_found');
});

test('understands what Clerk says of a form', async () => {
    await clerk.users.createUser({ emailAddress: ['twice@example.com'] });
    const error = await failure(clerk.users.createUser({ emailAddress: ['twice@example.com'] }));

    assert.ok(isClerkAPIResponseError(error), String(error));
    assert.equal(error.status, 422);
    assert.equal(error.errors[0].code, 'form_identifier_exists');
});

test('understands that a key is wrong, and Clerk never sees it', async () => {
    const stranger = createClerkClient({ secretKey: 'sk_test_not_a_team', apiUrl });
    const error = await failure(stranger.users.getUser('user_sandbox_1'));

    assert.ok(isClerkAPIResponseError(error), String(error));
    assert.equal(error.status, 401);
    assert.equal(error.errors[0].code, 'authentication_invalid');
    assert.deepEqual(await arrivals('clerk'), []);
});

test('understands that it has to wait, and how long', async () => {
    await sandbox('POST', '/faults', {
        vendor: 'clerk', fault: 'status', status: 429, headers: { 'Retry-After': '120' },
        body: { errors: [{ code: 'too_many_requests', message: 'Too many requests' }] },
    });
    const throttled = createClerkClient({ secretKey: key, apiUrl: `${base}/clerk@throttled` });

    for (const id of ['user_sandbox_1', 'user_sandbox_2']) {
        const error = await failure(throttled.users.getUser(id));
        assert.ok(isClerkAPIResponseError(error), String(error));
        assert.equal(error.status, 429);
        assert.equal(error.errors[0].code, 'too_many_requests');
        assert.ok(error.retryAfter > 0 && error.retryAfter <= 121, `${error.retryAfter} s`);
        assert.match(error.clerkTraceId, /./);
    }
    assert.ok((await arrivals('clerk')).length <= 1, 'the vendor said when to come again');
});

test('replaces metadata, and a key that is null is gone', async () => {
    await clerk.users.updateUserMetadata('user_sandbox_1', { publicMetadata: { plan: null, seats: 3 } });
    assert.deepEqual((await clerk.users.getUser('user_sandbox_1')).publicMetadata, { seats: 3 });

    await clerk.users.updateUser('user_sandbox_1', { publicMetadata: { plan: 'free' } });
    assert.deepEqual((await clerk.users.getUser('user_sandbox_1')).publicMetadata, { plan: 'free' });
});

test('reads what it has written itself, and not what was kept before', async () => {
    assert.equal((await clerk.users.getUser('user_sandbox_2')).firstName, 'Sandbox');
    await clerk.users.updateUser('user_sandbox_2', { firstName: 'Grace' });
    assert.equal((await clerk.users.getUser('user_sandbox_2')).firstName, 'Grace');

    await clerk.users.deleteUser('user_sandbox_2');
    assert.equal((await failure(clerk.users.getUser('user_sandbox_2'))).status, 404);
    assert.equal(await clerk.users.getCount(), 2);
    assert.equal((await failure(clerk.users.deleteUser('user_sandbox_2'))).status, 404);
});

test('fetches the key set to verify a token with', async () => {
    assert.deepEqual((await clerk.jwks.getJwks()).keys.map((jwk) => jwk.kid), ['ins_sandbox']);

    // Nobody has the private half of the sandbox's key, so the best token is one with a wrong signature.
    const wrong = await failure(verifyToken(token('ins_sandbox'), { secretKey: key, apiUrl }));
    assert.equal(wrong.reason, 'token-invalid-signature');
    const foreign = await failure(verifyToken(token('ins_other'), { secretKey: key, apiUrl, skipJwksCache: true }));
    assert.equal(foreign.reason, 'jwk-kid-mismatch');
    assert.ok((await arrivals('clerk')).every((request) => request.target === '/sandbox/clerk/v1/jwks'));
});

test('calls what is not under /v1', async () => {
    const machine = await clerk.m2m.createToken({ machineSecretKey: key, claims: { job: 'nightly' } });

    assert.equal(machine.subject, 'mch_sandbox');
    assert.deepEqual(machine.claims, { job: 'nightly' });
    assert.deepEqual((await arrivals('clerk')).map((request) => request.target), ['/sandbox/clerk/m2m_tokens']);
});

test('pins the version of the API', async () => {
    await clerk.users.getCount();

    const headers = new Headers((await arrivals('clerk'))[0].headers);
    assert.match(headers.get('clerk-api-version'), /^\d{4}-\d{2}-\d{2}$/);
    assert.match(headers.get('user-agent'), /^@clerk\/backend@/);
});

/** A session token as Clerk makes them, signed with a key of nobody. */
function token(kid) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: 'user_sandbox_1', iat: now, nbf: now - 10, exp: now + 60, iss: 'https://sandbox.example' };
    const signed = [{ alg: 'RS256', typ: 'JWT', kid }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
}
