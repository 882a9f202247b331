// The picture of a result page for the README: docs/images/result.png.
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { compute } from '../support/actions';
import { test } from '../support/test';

const path = resolve(import.meta.dirname, '../../../docs/images/result.png');

test('a result page, light, 1280 wide', async ({ openPage }) => {
  const viewport = { width: 1280, height: 960 };
  const page = await openPage({ viewport, colorScheme: 'light', reducedMotion: 'reduce', locale: 'en-GB' });
  await compute(page, 'fibonacci', { n: '10^7' });
  await page.locator('ol.digits [aria-hidden="true"]').first().waitFor({ state: 'detached' });
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
});
