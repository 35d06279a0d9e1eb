// The page in a real browser: what a team sees of its exports, live, and of limits that are nearly used up.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import { base, key, reset, sandbox } from './sluice.js';

const FLAGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let browser;

before(async () => {
    await reset();
    browser = await playwright.launch({
        executablePath: await chromium.executablePath(),
        args: [...chromium.args, ...FLAGS],
    });
});

/** Its tabs are all seen, and have a stream each: a tab that a test is done with must not keep a connection. */
const tabs = [];

afterEach(async () => {
    for (const tab of tabs.splice(0)) await tab.goto('about:blank');
});

after(() => browser?.close());

async function api(method, path, body, headers = {}) {
    const answer = await fetch(`${base}${path}`, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
        body: body && JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
}

/** Orders an export. Without no-cache, equal orders are one job. */
async function order(forecast, periods, headers = { 'Cache-Control': 'no-cache' }) {
    return (await api('POST', '/api/exports', { vendor: 'clari', forecast, periods }, headers)).id;
}

async function ids() {
    const all = [];
    for (let next = ''; next !== undefined;) {
        const page = await api('GET', `/api/exports?limit=200${next && `&cursor=${next}`}`);
        all.push(...page.exports.map((each) => each.id));
        next = page.next;
    }
    return all;
}

/** Opens a tab; tabs of one context share their connections. */
async function opened(context = browser) {
    const page = await context.newPage();
    tabs.push(page);
    page.streams = 0;
    page.on('request', (request) => request.url().includes('/events') && page.streams++);
    page.troubles = [];
    page.on('pageerror', (error) => page.troubles.push(error.message));
    page.on('console', (line) => line.type() === 'error' && page.troubles.push(line.text()));
    await page.goto(`${base}/`);
    return page;
}

async function unlock(page, with_) {
    await page.fill('#key', with_);
    await page.click('#key-form button');
}

test('a wrong key shows nothing and says so', async () => {
    const page = await opened();
    await unlock(page, 'nobody');
    await page.waitForFunction(() => document.querySelector('#message').textContent.includes('no team'));
    assert.equal(await page.locator('article').count(), 0);
});

test('an export is seen to make progress without a reload, and its file is downloaded', async () => {
    const page = await opened();
    await unlock(page, key);
    const done = await order('net_bookings', ['2024_Q1', '2024_Q2', '2024_Q3', '2024_Q4']);
    const failing = await order('failing_forecast', ['2024_Q1']);
    const states = (id) => page.locator(`#${id} tbody tr td:nth-child(2)`);

    await page.locator(`#${done}`).waitFor();
    await page.locator(`#${done} .state.running`).waitFor();
    assert.equal(await states(done).count(), 4);
    await page.locator(`#${done} .state.done`).waitFor({ timeout: 60_000 });
    await page.locator(`#${failing} .state.failed`).waitFor({ timeout: 60_000 });

    assert.deepEqual(await states(done).allTextContents(), ['done', 'done', 'done', 'done']);
    assert.match(await page.locator(`#${done} .ordered`).textContent(), /^forecast net_bookings, .*exportFormat JSON$/);
    assert.equal(page.streams, 1);
    assert.equal(await page.locator(`#${done} progress`).evaluate((bar) => bar.value / bar.max), 1);
    assert.match(await page.locator(`#${failing} td.error`).textContent(), /FAILED/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(`#${done} td button`)]);
    assert.match(file.suggestedFilename(), /^clari_export_.*\.json$/);
    assert.deepEqual(page.troubles, []);
});

test('two tabs with four exports under way both see progress, and a further request is answered', async () => {
    await sandbox('PUT', '/settings/clari', { started_ms: 600_000 });
    const context = await browser.newContext();
    const running = [];
    for (let i = 0; i < 4; i++) running.push(await order(`two_tabs_${i}`, ['2024_Q1']));
    const both = [await opened(context), await opened(context)];

    for (const tab of both) {
        await unlock(tab, key);
        for (const id of running) await tab.locator(`#${id} .state:is(.queued, .running)`).waitFor();
    }
    for (const tab of both) {
        await tab.locator(`#${running[0]} .state.running`).waitFor({ timeout: 60_000 });
        const status = await tab.evaluate(async (bearer) => (await fetch('/api/limits', {
            headers: { Authorization: `Bearer ${bearer}` }, signal: AbortSignal.timeout(20_000),
        })).status, key);
        assert.equal(status, 200);
    }
    for (const id of running) await api('DELETE', `/api/exports/${id}`);

    for (const tab of both) {
        for (const id of running) await tab.locator(`#${id} .state.cancelled`).waitFor({ timeout: 20_000 });
        assert.deepEqual(tab.troubles, []);
        assert.equal(tab.streams, 1);
    }
    await sandbox('PUT', '/settings/clari', { started_ms: 4000 });
    // The context stays open until the browser is closed: this Chromium, one process, ends with its first context.
});

test('an export is cancelled only when that is confirmed, and the result is shown', async () => {
    await sandbox('PUT', '/settings/clari', { started_ms: 600_000 });
    const id = await order('to_be_cancelled', ['2024_Q1', '2024_Q2']);
    const page = await opened();
    await unlock(page, key);
    await page.click(`#${id} .cancel`);
    assert.match(await page.locator('#confirm .what').textContent(), new RegExp(`${id}: forecast to_be_cancelled, .*2 of 2 parts`));

    await page.click('#confirm .no');
    assert.equal(await page.locator('#confirm').evaluate((dialog) => dialog.open), false);
    assert.match((await api('GET', `/api/exports/${id}`)).state, /queued|running/);
    await page.click(`#${id} .cancel`);
    await page.click('#confirm .yes');

    await page.locator(`#${id} .outcome`).getByText('Cancelled.').waitFor();
    await page.locator(`#${id} .state.cancelled`).waitFor();
    assert.equal(await page.locator(`#${id} .cancel`).isVisible(), false);
    assert.equal((await api('GET', `/api/exports/${id}`)).state, 'cancelled');
    assert.deepEqual(page.troubles, []);
    await sandbox('PUT', '/settings/clari', { started_ms: 4000 });
});

test('more exports than a page holds are listed when asked for', async () => {
    for (let i = 0; i < 25; i++) await order('many', ['2024_Q1'], {});
    const page = await opened();
    const shown = () => page.locator('article').evaluateAll((cards) => cards.map((card) => card.id));
    await unlock(page, key);
    await page.locator('#more').waitFor();
    assert.deepEqual(await shown(), (await ids()).slice(0, 20));

    while (await page.locator('#more').isVisible()) {
        const before = await page.locator('article').count();
        await page.click('#more');
        await page.waitForFunction((count) => document.querySelectorAll('article').length > count, before);
    }

    assert.deepEqual(await shown(), await ids());
    assert.deepEqual(page.troubles, []);
});

test('a limit that is nearly used up is named, and no other', async () => {
    const page = await opened();
    await unlock(page, key);
    await page.waitForFunction(() => !document.querySelector('#message').textContent.includes('Enter'));
    assert.equal(await page.locator('#low-limits li').count(), 0);

    await sandbox('POST', '/faults', {
        vendor: 'clerk', fault: 'status', status: 200, times: 1, body: [],
        headers: { 'X-RateLimit-Limit': '100', 'X-RateLimit-Remaining': '7', 'X-RateLimit-Reset': '60' },
    });
    // An account that nobody else calls: what is called next would wait for the reset.
    await fetch(`${base}/clerk@low/v1/users`, { headers: { Authorization: `Bearer ${key}` } });

    await page.locator('#low-limits li').first().waitFor();
    const lines = await page.locator('#low-limits li').allTextContents();
    assert.equal(lines.length, 1);
    assert.match(lines[0], /^clerk\/low: [0-7] of 100 left of limit instance$/);
    assert.deepEqual(page.troubles, []);
});

test('the key stays out of the URL and of what the browser stores', async () => {
    const page = await opened();
    await unlock(page, key);
    await page.waitForFunction(() => !document.querySelector('#message').textContent.includes('Enter'));

    assert.ok(!page.url().includes(key));
    assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie), '{}');
});
