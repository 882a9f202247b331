// The trace of a job begins in the page, and the job's page leads to where it can be looked at.
import type { Page } from 'playwright-core';
import { fill, jobId, longJob, submit, submitByApi, untilVerified } from '../support/actions';
import { type Server, startServer } from '../support/server';
import { test as base, expect } from '../support/test';

const kibana = 'http://127.0.0.1:5601';

const test = base.extend<{ server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const server = await startServer(['--kibana', kibana]);
      await use(server);
      await server.stop();
    },
    { scope: 'file' },
  ],
});

type Job = { trace_id: string; links: { trace: string; log_search: string } };
const jobOf = async (server: string, id: string) =>
  (await (await fetch(`${server}/v1/jobs/${id}`)).json()) as Job;

/** The trace ids of the requests by POST from now on, with what came back; estimates have none. */
function tracesOf(page: Page) {
  const sent: { path: string; trace: string; answered: string | undefined }[] = [];
  page.on('response', async (response) => {
    const request = response.request();
    const path = new URL(request.url()).pathname;
    if (request.method() !== 'POST' || path === '/v1/estimates') return;
    const [, trace = ''] =
      /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(request.headers().traceparent ?? '') ?? [];
    sent.push({ path, trace, answered: response.headers()['x-trace-id'] });
  });
  return sent;
}

test('the page sends the trace that the job then has, and links to it', async ({ page, server }) => {
  const sent = tracesOf(page);
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '4321');
  await submit(page);
  await untilVerified(page);
  expect(sent).toHaveLength(1);
  const { path, trace, answered } = sent[0] ?? { path: '', trace: '', answered: '' };
  expect([path, trace.length, answered]).toEqual(['/v1/jobs', 32, trace]);
  const job = await jobOf(server.url, jobId(page));
  expect(job.trace_id).toBe(trace);

  const links = page.getByRole('link', { name: /^(Where the time went|All log lines)$/ });
  const shown = await links.evaluateAll((all) =>
    (all as HTMLAnchorElement[]).map((link) => [link.getAttribute('href'), link.target]),
  );
  expect(shown).toEqual([
    [`${kibana}/app/apm/link-to/trace/${trace}`, '_blank'],
    [job.links.log_search, '_blank'],
  ]);
  expect(decodeURIComponent(job.links.log_search)).toContain(`trace.id:"${trace}"`);

  await page.getByRole('button', { name: /again/i }).first().click();
  await expect.poll(() => sent.length).toBe(2);
  expect(sent[1]?.path).toMatch(/\/retry$/);
  expect([sent[1]?.trace.length, sent[1]?.answered]).toEqual([32, sent[1]?.trace]);
  expect(sent[1]?.trace).not.toBe(trace);
});

test('a cancel is a trace of its own', async ({ page, server }) => {
  const sent = tracesOf(page);
  const id = await submitByApi(server.url, longJob.name, longJob.args, longJob.method);
  await page.goto(`/jobs/${id}`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => sent.length, { timeout: 15_000 }).toBe(1);
  expect(sent[0]?.path).toBe(`/v1/jobs/${id}/cancel`);
  expect([sent[0]?.trace.length, sent[0]?.answered]).toEqual([32, sent[0]?.trace]);
  expect((await jobOf(server.url, id)).trace_id).not.toBe(sent[0]?.trace);
});
