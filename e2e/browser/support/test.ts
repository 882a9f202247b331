import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { test as base, expect } from 'vitest';
import { type Server, startServer } from './server';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium with a new profile, which it forgets when it ends. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: flags,
  });

/** Opens a page with its own cookies and storage; what goes wrong in it is collected. */
type OpenPage = (options?: BrowserContextOptions) => Promise<Page>;

/**
 * A test with a server and a browser of the file's own. A page that throws, breaks the content security policy or asks anybody
 * but the server fails its test.
 */
export const test = base.extend<{ server: Server; browser: Browser; openPage: OpenPage; page: Page }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'file' },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const browser = await launch();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  openPage: async ({ server, browser }, use) => {
    const wrong: string[] = [];
    const opened: Page[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: server.url, locale: 'en-US', ...options });
      const page = await context.newPage();
      watch(page, server.url, wrong);
      opened.push(page);
      return page;
    });
    for (const page of opened) await page.context().close();
    expect(wrong, 'what went wrong in the page').toEqual([]);
  },
  page: async ({ openPage }, use) => use(await openPage()),
});

export { expect };

function watch(page: Page, server: string, wrong: string[]) {
  page.on('pageerror', (error) => wrong.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) wrong.push(text);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server) && !request.url().startsWith('blob:')) {
      wrong.push(`asked ${request.url()}`);
    }
  });
}
