// Every page can be opened by its address, reloaded, and returned to by a step back; an address that leads nowhere is a 404 that
// still looks like the app.
import { compute, fill, untilVerified } from '../support/actions';
import { expect, test } from '../support/test';

test('pages open by their addresses, and after a reload', async ({ page }) => {
  for (const [path, heading] of [
    ['/', 'Compute an exact integer'],
    ['/tasks/fibonacci-sum', /Fibonacci/],
    ['/tasks/factorial?n=5', /Factorial/],
    ['/tasks/ackermann', /Ackermann/],
    ['/jobs?state=failed', 'My jobs'],
  ] as const) {
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(200);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  }
});

test('the page of a job survives a reload, and back and forward work', async ({ page }) => {
  await compute(page, 'factorial', { n: '1000' });
  await page.reload();
  await untilVerified(page);
  const address = page.url();
  await page.goBack();
  expect(await page.locator('input[name="n"]').inputValue()).toBe('1000');
  await page.goForward();
  await untilVerified(page);
  expect(page.url()).toBe(address);
});

test('what was typed survives a reload', async ({ page }) => {
  await page.goto('/tasks/fibonacci');
  await fill(page, 'n', '10^5');
  await page.waitForURL(/n=10%5E5/);
  await page.reload();
  expect(await page.locator('input[name="n"]').inputValue()).toBe('10^5');
});

test('an address that leads nowhere is a 404', async ({ page }) => {
  const response = await page.goto('/nowhere');
  expect(response?.status()).toBe(404);
  await page.getByRole('heading', { level: 1, name: 'No page at this address' }).waitFor();
  await page.goto('/jobs/job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b');
  await page.getByRole('heading', { level: 1, name: 'No job at this address' }).waitFor();
});
