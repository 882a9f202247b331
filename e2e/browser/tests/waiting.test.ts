// Jobs that wait: for a worker, with their place in the queue; for their time; and not beyond their deadline.
import { fill, jobId, longJob, postTo, submit, submitByApi } from '../support/actions';
import { expect, test } from '../support/test';

test('a job in line tells its place, which moves', async ({ page, server }) => {
  const { name, method } = longJob;
  const jobs = []; // all of one class, whatever this machine's calibration makes of them
  for (const n of ['49', '48', '47']) jobs.push(await submitByApi(server.url, name, { n }, method));
  const [running, next, last] = jobs;
  const cancel = (id = '') => postTo(server.url, `/v1/jobs/${id}/cancel`);
  await page.goto(`/jobs/${last}`);
  await page
    .getByText(/^1 ahead(, starts in .+)?$/)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.getByText('nd in line').waitFor();
  await cancel(next);
  await page
    .getByText(/^Next in line/)
    .first()
    .waitFor();
  await cancel(running);
  await page.getByText('Running', { exact: true }).waitFor();
  await cancel(last);
  await page.getByText('Cancelled', { exact: true }).waitFor();
});

test('a job expires at its deadline, and says what to do', async ({ page }) => {
  await page.goto(`/tasks/fibonacci?n=51&method=recursive`);
  await page.getByText('More options').click();
  await page.getByLabel('End it after').fill('3');
  await page.getByLabel('Unit').selectOption('seconds');
  await submit(page);
  await page.getByText(/Ends at .* unless it is done by then\./).waitFor();
  await page.getByText('Expired', { exact: true }).waitFor();
  await page.getByText(/change it to have a later deadline or none/).waitFor();
});

test('a job waits for its time, and starts by itself', async ({ page, server }) => {
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '12345');
  await page.getByText('More options').click();
  const tomorrow = await page.evaluate(() => new Date(Date.now() + 86_400_000).toLocaleDateString('sv'));
  await page.getByLabel('Start it').fill(`${tomorrow}T02:00`);
  await page.getByText(/your time, in about/).waitFor();
  await submit(page);
  await page.getByText('Scheduled', { exact: true }).waitFor();
  const { run_at } = (await (await fetch(`${server.url}/v1/jobs/${jobId(page)}`)).json()) as {
    run_at: string;
  };
  expect(Date.parse(run_at)).toBe(new Date(`${tomorrow}T02:00`).getTime());
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();

  const body = {
    function: 'fibonacci',
    args: { n: '12346' },
    run_at: new Date(Date.now() + 4000).toISOString(),
  };
  const soon = await postTo(server.url, '/v1/jobs', body);
  await page.goto(`/jobs/${soon.id}`);
  await page.getByText('Verified', { exact: true }).waitFor();
});
