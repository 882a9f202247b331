// All digits of a result can be reached: by position, by key, by wheel and by dragging; they are those of the API, and a copied
// selection is digits only.
import { compute, digitsOf } from '../support/actions';
import { expect, test } from '../support/test';

test('digits are shown wherever one goes', async ({ page }) => {
  await compute(page, 'fibonacci', { n: '1000000' });
  const box = page.getByRole('region', { name: /^Digits [\d,]+ to [\d,]+$/ });
  const shown = async () =>
    (await box.locator('li > span:last-child:not([aria-hidden="true"])').allTextContents()).join('');
  const at = async (from: number) => digitsOf(page, `${from}-${from + 999}`);

  await expect.poll(shown).toBe(await at(0));

  await page.getByLabel('Digit', { exact: true }).fill('123456');
  await page.keyboard.press('Enter');
  await expect.poll(shown).toBe(await at(123_250));
  expect(await box.locator('mark').textContent()).toBe(await digitsOf(page, '123456-123456'));

  await box.focus();
  await page.keyboard.press('PageDown');
  await expect.poll(shown).toBe(await at(124_250));
  await page.keyboard.press('End');
  await expect.poll(shown).toBe(await digitsOf(page, '208000-'));

  await box.hover();
  await page.mouse.wheel(0, -26 * 10);
  await expect.poll(shown).toBe(await at(207_500));

  await page.keyboard.press('Home');
  await expect.poll(shown).toBe(await at(0));
  const frame = await box.boundingBox();
  if (!frame) throw new Error('the digits have no place on the page');
  await page.mouse.click(frame.x + frame.width - 19, frame.y + frame.height / 2);
  await expect
    .poll(async () => (await box.getAttribute('aria-label')) ?? '')
    .toMatch(/^Digits 10\d,\d{3} to/);
});

test('a copied selection is digits only', async ({ openPage }) => {
  const page = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] });
  await compute(page, 'fibonacci', { n: '1000' });
  const lines = page.locator('ol.digits');
  await expect.poll(() => lines.locator('[aria-hidden="true"]').count()).toBe(0);
  await lines.evaluate((list) => document.getSelection()?.selectAllChildren(list));
  await page.keyboard.press('Control+C');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(await digitsOf(page));
});
