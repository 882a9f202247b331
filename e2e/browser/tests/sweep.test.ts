// From the list of jobs a person sweeps an argument over a range: the page says how many jobs that is and what is wrong with it, the batch is
// followed live to its end without a question about any single job, and what has not ended of it can be cancelled.
import type { Page } from 'playwright-core';
import { requestsTo } from '../support/actions';
import { expectNothing } from '../support/axe';
import { expect, test } from '../support/test';

type Batch = { state: string; counts: Record<string, number>; labels: Record<string, string> };

/** The batch whose page is open, as the API has it. */
async function batchOf(page: Page): Promise<Batch> {
  const response = await fetch(page.url().replace('/batches/', '/v1/batches/'));
  return (await response.json()) as Batch;
}

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
const reached = (page: Page) =>
  page.getByRole('progressbar', { name: 'Jobs that have ended' }).getAttribute('aria-valuenow');

test('three hundred numbers are swept over from the list of jobs, and followed to their end', async ({
  page,
}) => {
  const single = requestsTo(page, /\/v1\/jobs\/./);
  const batches = requestsTo(page, /\/v1\/batches\/./);
  await page.goto('/jobs');
  await page.getByRole('link', { name: 'Sweep' }).click();
  await field(page, 'From').fill('1001');
  await field(page, 'To').fill('1_300');
  await page.getByText('F(1,001), F(1,002) … F(1,300)').waitFor();
  const estimate = page.getByRole('region', { name: 'Estimate' });
  await expect.poll(() => estimate.textContent()).toMatch(/300.*jobs.*F\(1,300\), 272 digits/);
  await page.getByRole('button', { name: 'Add a label' }).click();
  await page.keyboard.type('run');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a');
  await page.keyboard.press('Enter');
  const began = Date.now();

  await page.waitForURL(/\/batches\/batch_/);
  await expect.poll(() => reached(page), { timeout: 30_000 }).toBe('300');
  await page.getByText('Ended', { exact: true }).first().waitFor();
  const seconds = (Date.now() - began) / 1000;
  const { state, counts, labels } = await batchOf(page);
  expect([state, counts.total, counts.succeeded]).toEqual(['ended', 300, 300]);
  expect(labels).toEqual({ run: 'a', sweep: 'F(1001), F(1002) … F(1300)' });
  expect(single, 'questions about single jobs').toEqual([]);
  expect(batches.length, `questions about the batch in ${seconds} s`).toBeLessThanOrEqual(2 + seconds / 1.2);

  const rows = page.getByRole('table', { name: 'Jobs, newest first' }).locator('tbody tr');
  await expect.poll(() => rows.filter({ hasText: 'Succeeded' }).count()).toBe(25);
  await page.getByRole('link', { name: '300 succeeded, list them' }).click();
  await page.waitForURL(/\/jobs\?state=succeeded&batch=batch_/);
  await page.getByRole('button', { name: 'Of any batch' }).click();
  await page.getByText('All', { exact: true }).first().click();
  const row = page.getByRole('table', { name: 'Batches, newest first' }).locator('tbody tr').first();
  await expect.poll(() => row.textContent()).toContain('300 of 300');
  expect(await row.textContent()).toMatch(/Ended.*F\(1001\), F\(1002\) … F\(1300\).*run: a/);
});

test('what has not ended of a sweep is cancelled', async ({ page }) => {
  await page.goto('/sweep?function=fibonacci&from=52&to=56&method=recursive');
  await page.getByRole('button', { name: 'Start 5 jobs' }).click();
  await page.getByRole('button', { name: 'Cancel batch' }).click();
  await page.getByRole('button', { name: 'Cancel batch' }).click();
  await expect.poll(() => reached(page), { timeout: 15_000 }).toBe('5');
  expect((await batchOf(page)).counts.cancelled).toBe(5);
});

test('bad input is told beside its field, and nothing is sent', async ({ page }) => {
  const sent = requestsTo(page, /^\/v1\/batches$/);
  await page.goto('/sweep?function=fibonacci&from=5&to=4&step=1');
  await page.getByText('It ends before it begins. Write 5 or more.').waitFor();
  await page.getByRole('button', { name: 'Start' }).click();
  expect(await field(page, 'To').evaluate((input) => input === document.activeElement)).toBe(true);
  await page.keyboard.type('12345');
  await page.getByText(/^That makes 412,341 jobs, and 10,000 is the most\./).waitFor();
  await page.getByRole('button', { name: 'Take steps of 42' }).click();
  await page.getByRole('button', { name: 'Start 9,818 jobs' }).waitFor();
  await field(page, 'To').fill('10^12');
  await field(page, 'In steps of').fill('10^9');
  await page.getByText('The largest n you can run is').waitFor();
  expect(await page.getByRole('button', { name: 'Start 1,000 jobs' }).isDisabled()).toBe(true);
  await field(page, 'In steps of').fill('1.5');
  await page.getByText('“1.5” is not a whole number', { exact: false }).waitFor();
  expect(sent).toEqual([]);
});

test('axe has nothing to say of a sweep, with all that can be wrong with it', async ({ page }) => {
  await expectNothing(
    page,
    '/sweep?function=ackermann&from=1&to=1e6&args.m=3',
    'Take steps of 100',
    async () => {
      await page.getByRole('button', { name: 'Add a label' }).click();
      await page.keyboard.type('-');
    },
  );
});
