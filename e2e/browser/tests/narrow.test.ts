// At 320 pixels, which is also a zoom of 400 %, no page scrolls sideways.
import { compute, jobId, longJob, submitByApi } from '../support/actions';
import { expect, test } from '../support/test';

test('nothing scrolls sideways at 320 pixels', async ({ openPage, server }) => {
  const page = await openPage({ viewport: { width: 320, height: 640 } });
  await compute(page, 'fibonacci', { n: '1000000' });
  const result = jobId(page);
  const { name, args, method } = longJob;
  const running = await submitByApi(server.url, name, args, method);
  for (const [path, ready] of [
    ['/', 'Worth seeing'],
    ['/tasks/fibonacci?n=10%5E30', 'The largest n you can run is'],
    ['/tasks/ackermann?m=123456789012345678901234567890&n=2', 'About this function'],
    ['/jobs', 'Updates live'],
    [`/jobs/${result}`, 'Why you can trust it'],
    [`/jobs/${running}`, 'You can close this tab.'],
    ['/nowhere', 'No page at this address'],
  ] as const) {
    await page.goto(path);
    await page.getByText(ready).first().waitFor();
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(beyond, `${path} is too wide by`).toBeLessThanOrEqual(0);
  }
});
