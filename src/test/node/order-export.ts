// A team's program on the generated client: it must type-check as it stands, and its export must come to its end.
import { createClient } from './generated/client/index.js';
import { createExport, getExport, getExportResult, listExports, watchEvents } from './generated/sdk.gen.js';
import type { Export, NewExport } from './generated/types.gen.js';

const order: NewExport = {
    vendor: 'clari',
    forecast: 'generated_client',
    periods: ['2026_Q1', '2026_Q2'],
    options: { typesToExport: ['forecast', 'quota'], exportFormat: 'JSON' },
};

export interface Outcome {
    location: string;
    ordered: Export;
    ended: Export;
    listed: Export[];
    files: string[];
}

/** Orders an export, follows it over the event stream until it is over, and downloads its files. */
export async function orderExport(baseUrl: string, key: string): Promise<Outcome> {
    const client = createClient({ baseUrl, auth: key });
    const accepted = await createExport({ client, body: order, headers: { 'Cache-Control': 'no-cache' }, throwOnError: true });
    const ordered: Export = accepted.data;
    const ended = await followed(client, ordered);
    const { data: page } = await listExports({ client, query: { state: ended.state, limit: 1 }, throwOnError: true });
    const files: string[] = [];
    for (const part of ended.parts) {
        const { data } = await getExportResult({
            client, path: { id: ended.id, part: part.part }, parseAs: 'text', throwOnError: true,
        });
        files.push(String(data));
    }
    return { location: accepted.response.headers.get('Location') ?? '', ordered, ended, listed: page.exports, files };
}

async function followed(client: ReturnType<typeof createClient>, ordered: Export): Promise<Export> {
    const stop = new AbortController();
    const { stream } = await watchEvents({ client, query: { topics: ['exports'] }, signal: stop.signal });
    for await (const event of stream) {
        if ('parts' in event && event.id === ordered.id && event.state !== 'queued' && event.state !== 'running') {
            stop.abort();
            const { data } = await getExport({ client, path: { id: event.id }, throwOnError: true });
            return data;
        }
    }
    throw new Error('the stream has ended before the export');
}
