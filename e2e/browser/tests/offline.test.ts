// A page that loses the network keeps its last figures and says so; when the network is back it catches up by itself.
import { longJob, submitByApi } from '../support/actions';
import { expect, test } from '../support/test';

test('a followed job survives a lost network', async ({ page, server }) => {
  const { name, args, method } = longJob;
  const id = await submitByApi(server.url, name, args, method);
  await page.goto(`/jobs/${id}`);
  await page.getByText('Running', { exact: true }).waitFor();

  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor({ timeout: 30_000 });
  await page.getByText(/^Last known/).waitFor();
  await fetch(`${server.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
  expect(await page.getByText('Running', { exact: true }).count()).toBe(1);

  await page.context().setOffline(false);
  await page.getByText('Cancelled', { exact: true }).waitFor({ timeout: 30_000 });
  await expect.poll(() => page.getByText('You are offline.').count()).toBe(0);
});
