// axe-core finds nothing to object to on any page, in both themes, on a desktop and on a phone.
import { compute, jobId, longJob, postTo, submitByApi } from '../support/actions';
import { expectNothing } from '../support/axe';
import { test } from '../support/test';

test.for([
  ['/', 'Worth seeing'],
  ['/tasks/ackermann?m=4&n=2', 'About this function'],
  ['/tasks/fibonacci?n=x', 'The estimate follows once the value can be read.'],
  ['/tasks/factorial?n=10%5E30', 'The largest n you can run is'],
  ['/jobs', 'No jobs yet'],
  ['/jobs?label=none', 'Clear filter'],
  ['/nowhere', 'No page at this address'],
] as const)('nothing on %s', ([path, ready], { page }) => expectNothing(page, path, ready));

test('nothing on the options of a form', async ({ page }) => {
  await expectNothing(page, '/tasks/fibonacci?n=1000', 'More options', () =>
    page.getByText('More options').click(),
  );
});

test('nothing on a job to come, on a batch, and on jobs that wait', async ({ page, server }) => {
  const { name, method } = longJob;
  const long = ['50', '51'].map((n) => ({ function: name, args: { n }, method }));
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const jobs = [...long, { function: name, args: { n: '7' }, run_at: later, deadline_seconds: 7200 }];
  const { id } = await postTo(server.url, '/v1/batches', { jobs });
  await expectNothing(page, `/batches/${id}`, 'Updates live');
  const list = await fetch(`${server.url}/v1/jobs?batch=${id}&state=scheduled&state=queued`);
  for (const job of ((await list.json()) as { jobs: { id: string }[] }).jobs) {
    await expectNothing(page, `/jobs/${job.id}`, 'You can close this tab.');
  }
  await postTo(server.url, `/v1/batches/${id}/cancel`);
});

test('nothing on a result, and on the list that holds it', async ({ page }) => {
  await compute(page, 'fibonacci', { n: '100000' });
  await expectNothing(page, `/jobs/${jobId(page)}`, 'Why you can trust it', () =>
    page.getByText('Log', { exact: true }).click(),
  );
  await expectNothing(page, '/jobs', 'Batches');
});

test('nothing on a job that runs, and after it was cancelled', async ({ page, server }) => {
  const { name, args, method } = longJob;
  const id = await submitByApi(server.url, name, args, method);
  await expectNothing(page, `/jobs/${id}`, 'You can close this tab.');
  await fetch(`${server.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
  await expectNothing(page, `/jobs/${id}`, 'The work has stopped');
});
