// What cannot be read or run is told at the field, in the server's own words, before and after a press of the button; nothing is
// submitted.
import { fill } from '../support/actions';
import { expect, test } from '../support/test';

async function refusalOf(server: string, n: string): Promise<string> {
  const response = await fetch(`${server}/v1/estimates`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ function: 'fibonacci', args: { n } }),
  });
  const problem = (await response.json()) as { errors: { pointer: string; detail: string }[] };
  return problem.errors.find(({ pointer }) => pointer === '/args/n')?.detail ?? '';
}

test.for(['1e6.5', '-5', 'ten', ''])(
  'the value %j is refused at the field',
  async (value, { page, server }) => {
    await page.goto('/tasks/fibonacci');
    await fill(page, 'n', value);
    const input = page.locator('input[name="n"]');
    const described = page.locator(`[id="${await input.getAttribute('aria-describedby')}"]`);
    await expect.poll(() => described.textContent()).toBe(await refusalOf(server.url, value));
    expect(await input.getAttribute('aria-invalid')).toBe('true');

    await input.press('Enter');
    await expect.poll(() => described.textContent()).toBe(await refusalOf(server.url, value));
    expect(new URL(page.url()).pathname).toBe('/tasks/fibonacci');
  },
);

test('a value over the limit comes with the largest that fits', async ({ page }) => {
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '10^30');
  await page.getByText('The largest n you can run is').waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^Compute/ }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: /^Use n =/ }).click();
  await expect.poll(() => page.getByRole('button', { name: /^Compute/ }).isEnabled()).toBe(true);
});
