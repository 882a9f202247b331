// Where the stream of events is cut or held back on its way, the page asks instead and misses nothing.
import { requestsTo, submitByApi, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

const slow = (server: string, n: string) => submitByApi(server, 'fibonacci', { n }, 'recursive');

test('a job is followed though its events are cut', async ({ page, server }) => {
  await page.route(/\/events$/, (route) => route.abort());
  const questions = requestsTo(page, /\/v1\/jobs\/[^/]+$/);
  await page.goto(`/jobs/${await slow(server.url, '44')}`);
  await page.getByText('Running', { exact: true }).waitFor();
  await untilVerified(page);
  expect(questions.length).toBeGreaterThan(2);
});

test('a job is followed though its events are held back', async ({ page, server }) => {
  await page.route(/\/events$/, () => {}); // never answered
  await page.goto(`/jobs/${await slow(server.url, '43')}`);
  await untilVerified(page);
});

test('a stream that breaks is taken up again', async ({ page, server }) => {
  const events = requestsTo(page, /\/events$/);
  // A snapshot, and then the connection is closed by somebody on the way.
  await page.route(
    /\/events$/,
    async (route) => {
      const snapshot = await fetch(
        route
          .request()
          .url()
          .replace(/\/events$/, ''),
      );
      const body = `event: state\ndata: ${await snapshot.text()}\n\n`;
      await route.fulfill({ contentType: 'text/event-stream', body });
    },
    { times: 1 },
  );
  await page.goto(`/jobs/${await slow(server.url, '45')}`); // it goes on for longer than a page takes to open
  await untilVerified(page);
  expect(events.length).toBeGreaterThanOrEqual(1);
});
