// The page in a real browser: what a team sees of its exports, live, and of limits that are nearly used up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

after(() => browser?.close());

async function order(forecast, periods) {
    const answer = await fetch(`${base}/api/exports`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' },
        body: JSON.stringify({ vendor: 'clari', forecast, periods }),
    });
    assert.equal(answer.status, 202);
    return (await answer.json()).id;
}

async function opened() {
    const page = await browser.newPage();
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
    assert.equal(await page.locator(`#${done} progress`).evaluate((bar) => bar.value / bar.max), 1);
    assert.match(await page.locator(`#${failing} td.error`).textContent(), /FAILED/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(`#${done} td button`)]);
    assert.match(file.suggestedFilename(), /^clari_export_.*\.json$/);
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
