import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { faded, untilStill, watchFading } from './still';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe objects to, a line each with its reason; nothing is the empty text, so that a failure shows all of it. */
async function objections(page: Page): Promise<string> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
    )
    .join('\n');
}

const variants = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
);

/** Looks at a page in every variant, once it shows `ready` and something was done with it. No change of theme may fade: half-way through, words are
 * hard to read. */
export async function expectNothing(page: Page, path: string, ready: string, act = async () => {}) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(path);
  await watchFading(page);
  await act();
  for (const { colorScheme, width } of variants) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await page.getByText(ready).first().waitFor({ state: 'attached' });
    await untilStill(page);
    expect(await objections(page), `${path}, ${colorScheme}, ${width} wide`).toBe('');
  }
  expect(await faded(page), `what fades on ${path} though motion is unwanted`).toBe('');
}
