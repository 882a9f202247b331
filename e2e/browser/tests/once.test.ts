// However often a button is pressed and whatever the network loses, one job is made; many that ended are run again as one batch.
import { fill, postTo, submit, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

type List = { jobs: { id: string }[] };

test('a submission whose answer is lost makes one job', async ({ page, server }) => {
  await page.route(
    '**/v1/jobs',
    async (route) => {
      await route.fetch(); // the server has it, the page never hears of it
      await route.abort();
    },
    { times: 1 },
  );
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '4321');
  await submit(page);
  await untilVerified(page);
  const { jobs } = (await (await fetch(`${server.url}/v1/jobs`)).json()) as List;
  expect(jobs).toHaveLength(1);
});

test('a batch shows how far it is, and is cancelled', async ({ page, server }) => {
  const small = ['1000', '2000', '3000'].map((n) => ({ function: 'fibonacci', args: { n } }));
  const large = ['52', '53'].map((n) => ({ function: 'fibonacci', args: { n }, method: 'recursive' }));
  const { id } = await postTo(server.url, '/v1/batches', { jobs: [...small, ...large] });
  await page.goto(`/batches/${id}`);
  const reached = () => page.getByRole('progressbar', { name: 'Jobs that have ended' });
  await expect.poll(() => reached().getAttribute('aria-valuenow'), { timeout: 15_000 }).toBe('3');
  await page.getByRole('button', { name: 'Cancel batch' }).click();
  await page.getByRole('button', { name: 'Cancel batch' }).click();
  await expect.poll(() => reached().getAttribute('aria-valuenow'), { timeout: 15_000 }).toBe('5');
  await page.getByRole('heading', { level: 1 }).getByText('Ended', { exact: true }).waitFor();
  await expect.poll(() => page.locator('tbody tr').filter({ hasText: 'Cancelled' }).count()).toBe(2);
});

test('the foot leads to the API reference', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'API reference' }).click();
  await page.waitForURL(/\/docs$/);
});
