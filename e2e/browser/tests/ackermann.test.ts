// A function of two arguments: ackermann m=4 n=2 is computed, and its digits are right.
import { compute, shownSum } from '../support/actions';
import { expect, test } from '../support/test';

test('A(4, 2) has 19,729 digits', async ({ page }) => {
  await compute(page, 'ackermann', { m: '4', n: '2' });
  expect(await shownSum(page)).toMatch(/^daeafdfae592d817/);
  expect(await page.getByRole('region', { name: 'Size' }).textContent()).toContain('19,729');
  expect(await page.title()).toBe('A(4, 2) · Numbermill');
});
