// A newcomer opens the front page, types a value, presses Enter, follows the job without doing anything, and reads the digits.
import { digitsIn, fill, shownSum, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('fibonacci is submitted from the front page and its digits are read', async ({ page }) => {
  await page.goto('/');
  await fill(page, 'n', '1e6');
  await expect.poll(() => page.getByText('Read as').textContent()).toContain('1,000,000');
  await expect.poll(() => page.getByRole('region', { name: 'Estimate' }).textContent()).toContain('208,988');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\/job_/);
  await untilVerified(page);

  const ends = await digitsIn(page, 'First and last digits');
  expect(ends.slice(0, 20)).toBe('19532821287077577316');
  expect(ends.slice(-20)).toBe('68996526838242546875');
  expect(await shownSum(page)).toMatch(/^aef6e8c19df607aa/);
  expect(await page.getByRole('region', { name: 'Size' }).textContent()).toContain('208,988');
  expect(await page.getByRole('region', { name: 'Timing' }).textContent()).toMatch(/Took \d/);
  expect(await page.title()).toBe('F(10⁶) · Numbermill');
});
