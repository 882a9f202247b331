import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Asked,
  draw,
  liteVersions,
  openCanvas,
  type Picture,
  pictures,
  recorded,
  themes,
} from '../support/kibana';
import { launch } from '../support/test';

// Every picture of Kibana's dashboards is drawn by the libraries that Kibana has, with an answer as Elasticsearch gives it, as large as it stands
// on its dashboard: without a complaint, with a mark for each bucket, with names at its axes, with words that can be read in both themes,
// and with a sentence where there is nothing to show. KIBANA_PICTURES=FOLDER keeps screenshots.

const folder = process.env.KIBANA_PICTURES;

type Bucket = Asked;
const inner = (buckets: Bucket[], each: (bucket: Bucket) => number) =>
  buckets.reduce((sum, bucket) => sum + each(bucket), 0);
const known = (value: unknown) => (value === null ? 0 : 1);
const percents = (bucket: { values: { value: number | null }[] }) =>
  inner(bucket.values, ({ value }) => known(value));

/** How many marks each picture should have. */
const marks: Record<string, (asked: Asked) => number> = {
  'nb-l1-uptime': (a) => a.monitors.buckets.length,
  'nb-l2-availability': () => 1,
  'nb-l2-over-time': (a) => inner(a.times.buckets, (time) => known(time.share.value)),
  'nb-l3-latency': () => 3,
  'nb-l3-over-time': (a) => inner(a.times.buckets, (time) => percents(time.took)),
  'nb-status-codes': (a) => a.codes.buckets.length,
  'nb-status-over-time': (a) =>
    inner(a.times.buckets, (time) => inner(time.classes.buckets, (one) => (one.doc_count > 0 ? 1 : 0))),
  'nb-top-routes': (a) => a.routes.buckets.length,
  'nb-bytes': (a) => inner(a.times.buckets, (time) => (time.sent.value > 0 ? 1 : 0)),
  'nb-upstream': (a) => inner(a.times.buckets, (time) => percents(time.took)),
  'nb-job-outcomes': (a) => inner(a.times.buckets, (time) => time.states.buckets.length),
  'nb-jobs-by-function': (a) => inner(a.functions.buckets, (one) => one.states.buckets.length),
  'nb-queue-wait': (a) =>
    inner(a.times.buckets, (time) => inner(time.sizes.buckets, (size) => percents(size.waited))),
  'nb-run-time': (a) =>
    inner(a.functions.buckets, (one) => inner(one.sizes.buckets, (size) => percents(size.ran))),
  'nb-anomalies': (a) => a.series.buckets.length,
  'nb-log-errors': (a) => inner(a.times.buckets, (time) => time.levels.buckets.length),
  'nb-log-levels': (a) => inner(a.times.buckets, (time) => time.levels.buckets.length),
  'nb-log-services': (a) => inner(a.services.buckets, (one) => one.levels.buckets.length),
  'nb-trace-rate': (a) => inner(a.times.buckets, (time) => time.services.buckets.length),
  'nb-trace-over-time': (a) =>
    inner(a.times.buckets, (time) => inner(time.services.buckets, (one) => percents(one.took))),
  'nb-trace-durations': (a) => inner(a.services.buckets, (one) => one.names.buckets.length),
  'nb-trace-errors': (a) => inner(a.services.buckets, (one) => one.names.buckets.length),
  'nb-trace-steps': (a) => a.steps.buckets.length,
};

/** Pictures of one number have no axes. */
const withoutAxes = ['nb-l2-availability'];

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test('every picture has an answer, and a number of marks that is expected', () => {
  const ids = pictures()
    .map(({ id }) => id)
    .sort();
  expect(ids.length).toBeGreaterThan(0);
  expect(recorded().sort()).toEqual(ids);
  expect(Object.keys(marks).sort()).toEqual(ids);
});

describe.each(liteVersions)('%s', (lite) => {
  // What a version might do differently is no matter of colours.
  const shown = lite === 'vega-lite' ? (['light', 'dark'] as const) : (['light'] as const);
  test.each(shown)('draws every picture on a %s background', async (theme) => {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 1000 },
      timezoneId: 'Europe/Zurich',
    });
    await openCanvas(page, lite);
    for (const picture of pictures()) {
      expect(picture.sizes, `places of ${picture.id} on the dashboards`).not.toEqual([]);
      for (const size of picture.sizes) {
        const drawn = await draw(page, picture, picture.full, theme, size);
        expect(drawn.complaints, `${picture.id}`).toEqual([]);
        expect(drawn.rows, `marks of ${picture.id}`).toBe(
          marks[picture.id]?.(picture.full.aggregations.asked),
        );
        checkWords(picture, drawn.words, theme);
        checkAxes(picture, drawn.axisTitles);
      }
    }
    if (folder) await page.screenshot({ path: `${folder}/${lite}-${theme}.png`, fullPage: true });
    await page.close();
  });

  test('says so where there is nothing to show', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    await openCanvas(page, lite);
    for (const picture of pictures()) {
      const [size] = picture.sizes;
      if (!size) throw new Error(`${picture.id} stands on no dashboard`);
      const drawn = await draw(page, picture, picture.empty, 'light', size);
      // Vega is told not to warn of scales without numbers (hideWarnings).
      const unexpected = drawn.complaints.filter((said) => !said.startsWith('Infinite extent for field'));
      expect(unexpected, `${picture.id} without documents`).toEqual([]);
      expect(drawn.rows, `marks of ${picture.id} without documents`).toBe(0);
      const sentences = drawn.words.filter(({ text }) => /^No .*[.?]$/.test(text));
      expect(sentences.length, `sentences of ${picture.id} without documents`).toBe(1);
      checkWords(picture, drawn.words, 'light');
    }
    if (folder) await page.screenshot({ path: `${folder}/${lite}-empty.png`, fullPage: true });
    await page.close();
  });
});

function checkAxes(picture: Picture, titles: string[]) {
  const want = withoutAxes.includes(picture.id) ? 0 : 2;
  expect(titles.filter((title) => title !== '').length, `titles of the axes of ${picture.id}`).toBe(want);
}

function checkWords(
  picture: Picture,
  words: { text: string; colour: string; inside: boolean }[],
  theme: 'light' | 'dark',
) {
  for (const { text, colour, inside } of words) {
    expect(inside, `"${text}" is inside of ${picture.id}`).toBe(true);
    expect(text, `words in ${picture.id}`).not.toMatch(/NaN|undefined|null|Infinity/);
    const contrast = contrastOf(colour, themes[theme].background);
    expect(contrast, `contrast of "${text}" (${colour}) in ${picture.id}, ${theme}`).toBeGreaterThan(3);
  }
}

/** The contrast of two colours as WCAG has it. */
function contrastOf(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const parts = colour.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    : (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const [r = 0, g = 0, b = 0] = parts
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
