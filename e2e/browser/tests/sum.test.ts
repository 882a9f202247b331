// The page of fibonacci offers the sum, keeps the typed n, and the sum's digits are right.
import { fill, shownSum, submit, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('the switch to the sum keeps n, and the sum is computed', async ({ page }) => {
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '1000000');
  await page.getByText('Sum from 0 to n', { exact: true }).click();
  await page.waitForURL(/\/tasks\/fibonacci-sum/);
  expect(await page.locator('input[name="n"]').inputValue()).toBe('1000000');
  await submit(page);
  await untilVerified(page);
  expect(await shownSum(page)).toMatch(/^cec9b5b4a42e5c42/);
});
