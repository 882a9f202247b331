// A long job is followed while it runs, its tab tells how far it is, and Cancel ends it at once.
import { jobId, longJob } from '../support/actions';
import { expect, test } from '../support/test';

test('a running job is cancelled', async ({ page, server }) => {
  const { name, args, method } = longJob;
  await page.goto(`/tasks/${name}?n=${args.n}&method=${method}`);
  await page.getByRole('button', { name: /^Compute/ }).click();
  await page.getByText('Running', { exact: true }).waitFor();
  await expect.poll(() => page.title()).toMatch(/^(\d+ %|Running) · F\(51\) · Numbermill$/);
  await page.getByText('You can close this tab.').waitFor();

  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
  const response = await fetch(`${server.url}/v1/jobs/${jobId(page)}`);
  expect(((await response.json()) as { state: string }).state).toBe('cancelled');

  await page.getByRole('link', { name: 'Change' }).click();
  await expect.poll(() => page.locator('input[name="n"]').inputValue()).toBe(args.n);
  expect(new URL(page.url()).searchParams.get('method')).toBe(method);
});
