import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Waits until a page can be looked at: it has the size that was asked for, its fonts and data are there, and nothing moves or fades.
 * Something always turns on the page of a running job, unless the page is told that motion is unwanted.
 */
export async function untilStill(page: Page) {
  const width = page.viewportSize()?.width;
  const restless = () => page.evaluate(unsettled, width);
  await expect.poll(restless, { timeout: 30_000, message: 'what goes on in the page' }).toBe('');
}

/** What is not done yet, a line each. This runs in the browser and can use nothing of this file. */
function unsettled(width: number | undefined): string {
  const found: string[] = [];
  if (width !== undefined && window.innerWidth !== width) found.push(`${window.innerWidth} pixels wide`);
  if (document.readyState !== 'complete') found.push('the document loads');
  if (document.fonts.status !== 'loaded') found.push('fonts load');
  for (const { outerHTML } of document.querySelectorAll('[aria-busy="true"]')) {
    found.push(`waits for data: ${outerHTML.slice(0, 200)}`);
  }
  for (const { playState, effect } of document.getAnimations()) {
    const target = effect instanceof KeyframeEffect ? effect.target : null;
    if (playState === 'running') found.push(`moves: ${target?.outerHTML.slice(0, 200)}`);
  }
  return found.join('\n');
}

type Watched = { fading?: Set<string> };

/** Notes from now on what fades or glides in the page that is open. */
export const watchFading = (page: Page) =>
  page.evaluate(() => {
    const seen = new Set<string>();
    (window as Watched).fading = seen;
    document.addEventListener('transitionrun', ({ target, propertyName }) => {
      if (target instanceof Element) seen.add(`${propertyName} of ${target.outerHTML.slice(0, 200)}`);
    });
  });

/** What has faded since then, a line each. */
export const faded = (page: Page) => page.evaluate(() => [...((window as Watched).fading ?? [])].join('\n'));
