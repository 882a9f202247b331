// axe-core finds nothing to object to on any page, in both themes, on a desktop and on a phone.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { compute, jobId, longJob, submitByApi } from '../support/actions';
import { expect, test } from '../support/test';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function objections(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Pages by what they show when they are ready. */
async function pagesOf(page: Page, server: string): Promise<[path: string, ready: string][]> {
  await compute(page, 'fibonacci', { n: '100000' });
  const result = jobId(page);
  const { name, args } = await longJob(server);
  const cancelled = await submitByApi(server, name, args);
  await fetch(`${server}/v1/jobs/${cancelled}/cancel`, { method: 'POST' });
  const running = await submitByApi(server, name, { n: String(Number(args.n) + 1) });
  return [
    ['/', 'Worth seeing'],
    ['/tasks/ackermann?m=4&n=2', 'About this function'],
    ['/tasks/fibonacci?n=x', 'The estimate follows once the value can be read.'],
    ['/tasks/factorial?n=10%5E30', 'The largest n you can run is'],
    ['/jobs', 'Progress or value'],
    ['/jobs?label=none', 'Clear filter'],
    [`/jobs/${result}`, 'Why you can trust it'],
    [`/jobs/${running}`, 'You can close this tab.'],
    [`/jobs/${cancelled}`, 'The work has stopped'],
    ['/nowhere', 'No page at this address'],
  ];
}

test('axe-core finds nothing', async ({ openPage, server }) => {
  const pages = await pagesOf(await openPage(), server.url);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      const page = await openPage({ colorScheme, viewport: { width, height: 844 }, reducedMotion: 'reduce' });
      for (const [path, ready] of pages) {
        await page.goto(path);
        await page.getByText(ready).first().waitFor({ state: 'attached' });
        expect(await objections(page), `${path}, ${colorScheme}, ${width} wide`).toEqual([]);
      }
    }
  }
});
