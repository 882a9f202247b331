// The list of jobs begins with a quiet 0, shows jobs newest first, follows them by itself, filters, and lets one be deleted.
import { jobId, longJob, submitByApi, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('the list shows, follows, filters and forgets jobs', async ({ page, server }) => {
  await page.goto('/jobs');
  await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();

  await submitByApi(server.url, 'fibonacci', { n: '1000' });
  await submitByApi(server.url, 'ackermann', { m: '2', n: '3' });
  const { name, args, method } = longJob;
  const long = await submitByApi(server.url, name, args, method);
  await page.reload();
  const rows = page.getByRole('table', { name: 'Jobs, newest first' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(3);
  await expect.poll(() => rows.nth(0).textContent()).toMatch(/Running|Queued/);
  await expect.poll(() => rows.nth(1).textContent()).toContain('A(2, 3)');
  await expect.poll(() => rows.nth(2).textContent()).toContain('F(1,000)');

  await fetch(`${server.url}/v1/jobs/${long}/cancel`, { method: 'POST' });
  await expect.poll(() => rows.nth(0).textContent(), { timeout: 10_000 }).toContain('Cancelled');

  await page.getByText('Succeeded', { exact: true }).first().click();
  await page.waitForURL(/state=succeeded/);
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole('combobox', { name: 'Function' }).selectOption('ackermann');
  await expect.poll(() => rows.count()).toBe(1);

  await rows.nth(0).getByRole('link').click();
  await untilVerified(page);
  const id = jobId(page);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(/\/jobs$/);
  await expect.poll(() => rows.count()).toBe(2);
  expect((await fetch(`${server.url}/v1/jobs/${id}`)).status).toBe(404);
});
