// factorial n=100000 is computed through its own page, and its digits are right.
import { compute, digitsOf, sha256, shownSum } from '../support/actions';
import { expect, test } from '../support/test';

test('factorial of 100,000', async ({ page }) => {
  await compute(page, 'factorial', { n: '100 000' });
  expect(await shownSum(page)).toMatch(/^820239691ef9b488/);
  expect(sha256(await digitsOf(page))).toBe(await shownSum(page));
  const zeros = page
    .getByRole('region', { name: 'Size' })
    .locator('dl > div')
    .filter({ hasText: 'Trailing zeros' });
  expect(await zeros.locator('dd').textContent()).toBe('24,999');
});
