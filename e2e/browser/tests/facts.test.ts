// A number that nobody can write down: the form offers facts about it, and the page shows them.
import { digitsIn, fill, submit, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('A(4, 3) is told about', async ({ page }) => {
  await page.goto('/tasks/ackermann');
  await fill(page, 'm', '4');
  await fill(page, 'n', '3');
  await page.getByText('Nobody can write it down.').waitFor();
  await page.getByRole('button', { name: 'Facts about it instead' }).click();
  await submit(page);
  await untilVerified(page);

  await page.getByText('2↑↑6 − 3').waitFor();
  expect(await digitsIn(page, 'First 50 digits')).toBe('21200387288082119848851646916622746308356542306753');
  expect(await digitsIn(page, 'Last 1,000 digits')).toMatch(/^\d{980}91826277507437428733$/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Download/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('ackermann-4-3-facts.json');
});
