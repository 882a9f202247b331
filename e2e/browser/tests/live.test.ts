// A job is followed by one stream of events: progress moves, attempts and log lines show, Cancel ends it, Run again starts a new one.
import { jobId, longJob, requestsTo, submitByApi, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('a job is followed live to its digits by one stream', async ({ page, server }) => {
  const events = requestsTo(page, /\/events$/);
  const questions = requestsTo(page, /\/v1\/jobs\/[^/]+$/);
  const id = await submitByApi(server.url, 'fibonacci', { n: '45' }, 'recursive');
  const progress = page.getByRole('progressbar');
  const reached = async () => Number(await progress.getAttribute('aria-valuenow').catch(() => 100));
  await page.goto(`/jobs/${id}`);
  await expect.poll(reached).toBeGreaterThan(0);
  const asked = questions.length;
  const before = await reached();
  await expect.poll(reached).toBeGreaterThan(before);
  await untilVerified(page);
  expect(events).toHaveLength(1);
  expect(questions.length - asked, 'questions beside the stream').toBeLessThanOrEqual(2);
  await page.getByText(/^Done in /).waitFor();
});

test('attempts and log lines show while it runs; it is cancelled, and run again', async ({
  page,
  server,
}) => {
  const { name, args, method } = longJob;
  const id = await submitByApi(server.url, name, args, method);
  await page.goto(`/jobs/${id}`);
  await page.getByText('Running', { exact: true }).waitFor();
  await page.getByText(/^Running for /).waitFor();
  const log = page.getByRole('region', { name: 'Log lines' }).locator('li');
  await expect.poll(() => log.count(), { timeout: 15_000 }).toBeGreaterThan(0);
  const first = await log.first().textContent();
  await expect.poll(() => log.filter({ hasText: String(first) }).count()).toBe(1);

  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
  await page.getByText(/^Stopped after /).waitFor();

  await page.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/jobs/job_') && !url.pathname.endsWith(id));
  await page.getByText('You can close this tab.').waitFor();
  expect(await page.getByRole('link', { name: /^Retry of/ }).getAttribute('href')).toBe(`/jobs/${id}`);
  const again = await fetch(`${server.url}/v1/jobs/${jobId(page)}`);
  expect(((await again.json()) as { retry_of: string }).retry_of).toBe(id);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
});

test('more tabs than a browser has connections follow one job', async ({ page, server }) => {
  const { name, args, method } = longJob;
  const id = await submitByApi(server.url, name, args, method);
  await page.goto(`/jobs/${id}`);
  const tabs = [page];
  while (tabs.length < 8) tabs.push(await page.context().newPage());
  for (const tab of tabs) await tab.goto(`${server.url}/jobs/${id}`);
  for (const tab of tabs) await tab.getByText('Running', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  for (const tab of tabs) await tab.getByText('Cancelled', { exact: true }).waitFor();
});
