// Where the Sluice under test and its management interface are, the team's key, and what its stand-in vendors saw.
import assert from 'node:assert/strict';

export const base = required('SLUICE_URL').replace(/\/$/, '');
export const management = required('SLUICE_MANAGEMENT_URL').replace(/\/$/, '');
export const key = required('SLUICE_KEY');

/** Asks the sandbox itself, past Sluice. */
export async function sandbox(method, path, body) {
    const answer = await fetch(`${base}/sandbox${path}`, {
        method,
        headers: body ? { 'Content-Type': 'application/json' } : {},
        body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} /sandbox${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
}

export const reset = () => sandbox('POST', '/reset');
export const report = (path) => sandbox('GET', `/report/${path}`);
export const arrivals = (vendor) => sandbox('GET', `/requests?vendor=${vendor}`);

/** What went wrong in a promise that must not come true. */
export async function failure(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    return assert.fail('this had to fail');
}

function required(name) {
    const value = process.env[name];
    assert.ok(value, `the environment must have ${name}`);
    return value;
}
