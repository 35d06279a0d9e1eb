// customerio-node with nothing changed but url and the keys.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { APIClient, CustomerIORequestError, PipelinesClient, SendEmailRequest, TrackClient } from 'customerio-node';
import { arrivals, base, failure, key, report, reset, sandbox } from './sluice.js';

const track = new TrackClient('any-site', key, { url: `${base}/customerio/track/api/v1` });
const app = new APIClient(key, { url: `${base}/customerio/app/v1` });

beforeEach(reset);

test('identifies and deletes a person', async () => {
    await track.identify('ada+1@example.com', { plan: 'pro' });
    assert.equal((await people())['ada+1@example.com'].attributes.plan, 'pro');

    await track.destroy('ada+1@example.com');
    assert.deepEqual(await people(), {});
    assert.ok((await arrivals('customerio')).every((request) => request.target.endsWith('/ada%2B1%40example.com')));
});

test('tracks an event and a page view', async () => {
    await track.track('42', { name: 'purchase', data: { total: 12 } });
    await track.trackPageView('42', 'https://example.com/pricing?plan=pro&x=1');

    const events = (await report('customerio/events')).events;
    assert.deepEqual(events.map((event) => [event.type, event.name]), [
        ['event', 'purchase'],
        ['page', 'https://example.com/pricing?plan=pro&x=1'],
    ]);
    assert.deepEqual(events[0].data, { total: 12 });
});

test('adds and removes a device', async () => {
    await track.addDevice('42', 'token-1', 'ios', { last_used: 1767225600 });
    assert.equal((await people())['42'].devices, 1);

    await track.deleteDevice('42', 'token-1');
    assert.equal((await people())['42'].devices, 0);
});

test('sends a batch, whose address it makes out of the url', async () => {
    await track.batch([
        { type: 'person', identifiers: { id: '1' }, action: 'identify', attributes: { plan: 'free' } },
        { type: 'person', identifiers: { id: '1' }, action: 'event', name: 'signup' },
    ]);

    const state = (await report('customerio')).state;
    assert.equal(state.people, 1);
    assert.equal(state.events, 1);
    assert.deepEqual(await targets(), ['/sandbox/customerio/track/api/v2/batch']);
});

test('sends an email', async () => {
    const answer = await app.sendEmail(
        new SendEmailRequest({
            to: 'ada@example.com',
            transactional_message_id: 'welcome',
            identifiers: { id: '42' },
            message_data: { name: 'Ada' },
        }),
    );

    const mails = (await report('customerio/mails')).mails;
    assert.equal(mails.length, 1);
    assert.equal(mails[0].to, 'ada@example.com');
    assert.equal(mails[0].delivery_id, answer.delivery_id);
    assert.ok(answer.queued_at > 0);
});

test('triggers a broadcast', async () => {
    const answer = await app.triggerBroadcast(7, { headline: 'Hello' }, { ids: ['1', '2'], id_ignore_missing: true });

    assert.ok(answer.id > 0);
    assert.deepEqual((await report('customerio')).calls['trigger-broadcast'], { 200: 1 });
    // The list is read before, to tell what is new if the answer were lost.
    assert.deepEqual(await targets(), [
        '/sandbox/customerio/app/v1/broadcasts/7/triggers',
        '/sandbox/customerio/app/v1/campaigns/7/triggers',
    ]);
});

test('reads people', async () => {
    await track.identify('42', { email: 'grace+test@example.com' });

    const found = await app.getCustomersByEmail('grace+test@example.com');
    assert.equal(found.results[0].id, '42');
    const attributes = await app.getAttributes('42');
    assert.equal(attributes.customer.attributes.email, 'grace+test@example.com');
});

test('feeds the pipelines', async () => {
    const pipelines = new PipelinesClient(key, { url: `${base}/customerio/pipelines/v1` });
    await pipelines.identify({ userId: '42', traits: { plan: 'pro' } });
    await pipelines.track({ userId: '42', event: 'purchase' });

    assert.deepEqual(await targets(), [
        '/sandbox/customerio/pipelines/v1/identify',
        '/sandbox/customerio/pipelines/v1/track',
    ]);
});

test('understands an error of the Track API', async () => {
    const error = await failure(track.entity({ type: 'person', identifiers: { id: '42' }, action: 'event' }));

    assert.ok(error instanceof CustomerIORequestError, String(error));
    assert.equal(error.statusCode, 400);
    assert.equal(JSON.parse(error.body).errors[0].field, 'name');
});

test('understands an error of the App API', async () => {
    const error = await failure(app.getAttributes('nobody'));

    assert.ok(error instanceof CustomerIORequestError, String(error));
    assert.equal(error.statusCode, 404);
    assert.deepEqual(JSON.parse(error.body).errors, [{ detail: 'no such person', status: '404' }]);
});

test('understands an error of a message', async () => {
    const error = await failure(
        app.sendEmail(new SendEmailRequest({ to: '', transactional_message_id: 'welcome', identifiers: { id: '42' } })),
    );

    assert.ok(error instanceof CustomerIORequestError, String(error));
    assert.equal(error.statusCode, 400);
    assert.equal(error.message, 'to must be there');
    assert.equal((await report('customerio')).state.mails, 0);
});

test('understands that a key is wrong, and Customer.io never sees it', async () => {
    const stranger = new TrackClient('any-site', 'not-a-team', { url: `${base}/customerio/track/api/v1` });
    const error = await failure(stranger.identify('42', { plan: 'pro' }));

    assert.ok(error instanceof CustomerIORequestError, String(error));
    assert.equal(error.statusCode, 401);
    assert.match(JSON.parse(error.body).meta.errors[0], /team key/);
    assert.deepEqual(await arrivals('customerio'), []);
});

test('is answered as ever where calls are made later, and all of them arrive in order', async () => {
    const later = new TrackClient('any-site', key, { url: `${base}/customerio@queued/track/api/v1` });
    const answers = [
        await later.identify('77', { plan: 'free' }),
        await later.track('77', { name: 'first' }),
        await later.track('77', { name: 'second' }),
        await later.addDevice('77', 'token-7', 'ios'),
        await later.batch([{ type: 'person', identifiers: { id: '77' }, action: 'event', name: 'third' }]),
        await later.identify('77', { plan: 'pro' }),
    ];

    assert.deepEqual(answers, [{}, {}, {}, {}, {}, {}]);
    for (let tries = 0; (await people())['77']?.attributes.plan !== 'pro'; tries++) {
        assert.ok(tries < 300, 'it did not arrive');
        await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal((await people())['77'].devices, 1);
    const events = (await report('customerio/events')).events;
    assert.deepEqual(events.map((event) => event.name), ['first', 'second', 'third']);
    assert.ok(events.every((event) => /^[0-9A-Z]{26}$/.test(event.id)));
});

test('sends a mail once although its answer is late, and gets that answer', async () => {
    // The first try ends a second before the answer, and the last one several seconds after it.
    const impatient = new APIClient(key, { url: `${base}/customerio/app/v1`, timeout: 1500 });
    await sandbox('POST', '/faults', {
        vendor: 'customerio', path: 'send/email', fault: 'slow', delay_ms: 2500, times: 1,
    });
    const answer = await impatient.sendEmail(
        new SendEmailRequest({
            to: 'ada@example.com',
            transactional_message_id: 'late',
            identifiers: { id: '42' },
        }),
    );

    const mails = (await report('customerio/mails')).mails;
    assert.equal(mails.length, 1);
    assert.equal(answer.delivery_id, mails[0].delivery_id);
});

async function people() {
    return (await report('customerio/people')).people;
}

/** All but the questions whether a broadcast has been processed, which Sluice asks in its own time. */
async function targets() {
    return (await arrivals('customerio'))
        .map((request) => request.target)
        .filter((target) => !/\/triggers\/\d+$/.test(target));
}
