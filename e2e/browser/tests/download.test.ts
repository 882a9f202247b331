// What the download button saves is exactly the digits: its SHA-256 is the one that the page shows.
import { readFile } from 'node:fs/promises';
import { compute, sha256, shownSum } from '../support/actions';
import { expect, test } from '../support/test';

test('the downloaded digits have the sum that the page shows', async ({ page }) => {
  await compute(page, 'fibonacci', { n: '100000' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Download/ }).click(),
  ]);
  const digits = await readFile(await download.path());
  expect(digits.toString('latin1')).toMatch(/^\d{20899}$/);
  expect(sha256(digits)).toBe(await shownSum(page));
});
