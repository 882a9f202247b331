// At 320 pixels, which is also a zoom of 400 %, no page scrolls sideways.
import { compute, jobId, longJob, postTo, submitByApi } from '../support/actions';
import { untilStill } from '../support/still';
import { expect, test } from '../support/test';

test('nothing scrolls sideways at 320 pixels', async ({ openPage, server }) => {
  const page = await openPage({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' });
  await compute(page, 'fibonacci', { n: '1000000' });
  const result = jobId(page);
  const { name, args, method } = longJob;
  const running = await submitByApi(server.url, name, args, method);
  const run_at = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const later = { function: name, args: { n: '7' }, run_at, deadline_seconds: 2_592_000, priority: 'high' };
  const batch = await postTo(server.url, '/v1/batches', { jobs: [later] });
  const scheduled = await postTo(server.url, '/v1/jobs', later);
  for (const [path, ready] of [
    ['/', 'Worth seeing'],
    ['/tasks/fibonacci?n=10%5E30', 'The largest n you can run is'],
    ['/tasks/ackermann?m=123456789012345678901234567890&n=2', 'About this function'],
    ['/jobs', 'Updates live'],
    ['/sweep?from=1&to=123456789012345678901234567890', 'Take steps of'],
    [`/jobs/${result}`, 'Why you can trust it'],
    [`/jobs/${running}`, 'You can close this tab.'],
    [`/jobs/${scheduled.id}`, 'You can close this tab.'],
    [`/batches/${batch.id}`, 'Updates live'],
    ['/nowhere', 'No page at this address'],
  ] as const) {
    await page.goto(path);
    await page.getByText(ready).first().waitFor();
    await untilStill(page);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond, `${path} is too wide by`).toBeLessThanOrEqual(0);
  }
});
