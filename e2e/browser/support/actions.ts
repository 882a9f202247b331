import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';

/** How long a computation of these tests may take on a busy machine. */
const patience = 90_000;

/** Fills in the page of a function, submits, and waits for the result. */
export async function compute(page: Page, name: string, args: Record<string, string>) {
  await page.goto(`/tasks/${name}`);
  for (const [argument, value] of Object.entries(args)) await fill(page, argument, value);
  await submit(page);
  await untilVerified(page);
}

/** Writes a value into the input of one argument. */
export const fill = (page: Page, argument: string, value: string) =>
  page.locator(`input[name="${argument}"]`).fill(value);

/** Presses the button that submits, once the estimate lets it. */
export const submit = (page: Page) => page.getByRole('button', { name: /^Compute/ }).click();

export const untilVerified = (page: Page) =>
  page.getByText('Verified', { exact: true }).waitFor({ timeout: patience });

/** The digits of a group of five each, as one text. */
export const digitsIn = async (page: Page, region: string) =>
  (await page.getByRole('region', { name: region }).locator('.digits i').allTextContents()).join('');

/** The SHA-256 that the page shows. */
export async function shownSum(page: Page): Promise<string> {
  const heading = page.getByRole('heading', { name: 'SHA-256' });
  const section = page.locator('section').filter({ has: heading }).last();
  return (await section.locator('p.mono span').allTextContents()).join('');
}

/** The id of the job whose page is open. */
export const jobId = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? '';

/** The digits of the job whose page is open, as the API hands them over. */
export async function digitsOf(page: Page, range?: string): Promise<string> {
  const headers: Record<string, string> = range ? { Range: `bytes=${range}` } : {};
  const response = await fetch(new URL(`/v1/jobs/${jobId(page)}/result`, page.url()), { headers });
  if (!response.ok) throw new Error(`the result of ${jobId(page)} answered ${response.status}`);
  return response.text();
}

export const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

/** Submits a job past the page, and returns its id. */
export async function submitByApi(
  server: string,
  name: string,
  args: Record<string, string>,
  method = 'fast',
): Promise<string> {
  return (await postTo(server, '/v1/jobs', { function: name, args, method })).id;
}

/** Posts to the API past the page, and returns what it made. */
export async function postTo(server: string, path: string, body?: unknown): Promise<{ id: string }> {
  const response = await fetch(server + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} was refused: ${await response.text()}`);
  return (await response.json()) as { id: string };
}

/** A job that runs for a minute or so and needs no memory, to be followed and cancelled. */
export const longJob = { name: 'fibonacci', args: { n: '51' }, method: 'recursive' };

/** Collects the addresses of the requests that a page makes from now on, of those that match. */
export function requestsTo(page: Page, address: RegExp): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (address.test(pathname)) seen.push(pathname);
  });
  return seen;
}
