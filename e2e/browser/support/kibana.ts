import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { Page } from 'playwright-core';

/** What Kibana is set up with. */
const exported = resolve(import.meta.dirname, '../../../infra/kibana/objects.gen.ndjson');
/** An answer to each picture's query, whose shape a Go test holds against what Elasticsearch really answers. */
const answers = resolve(import.meta.dirname, '../answers');

/** What stands below the one aggregation at the top of an answer. */
// biome-ignore lint/suspicious/noExplicitAny: each picture's answer has a shape of its own
export type Asked = any;
export type Answer = { aggregations: { asked: Asked } };

/** A Vega picture, the answers to draw it with, and how large it stands on its dashboards. */
export type Picture = { id: string; title: string; spec: string; full: Answer; empty: Answer; sizes: Size[] };
export type Size = { width: number; height: number };

type Saved = {
  type: string;
  id: string;
  attributes: { title: string; visState?: string; panelsJSON?: string };
  references: { id: string; name: string }[];
};

/** All Vega pictures of the export. */
export function pictures(): Picture[] {
  const saved = readFileSync(exported, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Saved);
  return saved.flatMap((object) => {
    const state = JSON.parse(object.attributes.visState ?? '{}');
    if (state.type !== 'vega') return [];
    const { full, empty } = JSON.parse(readFileSync(resolve(answers, `${object.id}.json`), 'utf8'));
    const { id } = object;
    return [
      { id, title: object.attributes.title, spec: state.params.spec, full, empty, sizes: sizesOf(id, saved) },
    ];
  });
}

/** The pictures that an answer is recorded for. */
export const recorded = () => readdirSync(answers).map((name) => name.replace(/\.json$/, ''));

/** The space inside a panel on a screen 1440 pixels wide: Kibana's grid has 48 columns, rows of 20 pixels and margins of 8. */
function sizesOf(id: string, saved: Saved[]): Size[] {
  const margin = 8;
  const column = (1440 - 2 * margin - 47 * margin) / 48;
  return saved.flatMap((dashboard) => {
    const panels = JSON.parse(dashboard.attributes.panelsJSON ?? '[]');
    const names = dashboard.references
      .filter((reference) => reference.id === id)
      .map((reference) => reference.name);
    return panels
      .filter((panel: { panelIndex: string }) =>
        names.some((name) => name.startsWith(`${panel.panelIndex}:`)),
      )
      .map(({ gridData: { w, h } }: { gridData: { w: number; h: number } }) => ({
        width: Math.floor(w * column + (w - 1) * margin - 2 * margin),
        height: h * 20 + (h - 1) * margin - 32 - margin,
      }));
  });
}

/** The colours that Kibana gives its pictures. */
export const themes = {
  light: { background: '#ffffff', darkest: '#343741', dark: '#69707d', lines: '#eef2f7' },
  dark: { background: '#1d1e24', darkest: '#d4dae5', dark: '#98a2b3', lines: '#343741' },
};
export type Theme = keyof typeof themes;

/** The libraries as Kibana 8 has them; it accepts any Vega-Lite from 5.5 on, of which the oldest and the newest are tried. */
export const liteVersions = ['vega-lite', 'vega-lite-oldest'] as const;

/** Opens an empty page with the libraries in it. */
export async function openCanvas(page: Page, lite: (typeof liteVersions)[number]) {
  const require = createRequire(import.meta.url);
  await page.setContent('<!doctype html><title>pictures</title><body></body>');
  for (const path of [
    require.resolve('vega/build/vega.min.js'),
    resolve(dirname(require.resolve('vega/package.json')), `../${lite}/build/vega-lite.min.js`),
    require.resolve('vega-interpreter/build/vega-interpreter.min.js'),
  ]) {
    await page.addScriptTag({ path });
  }
}

/** What was found in a drawn picture. */
export type Drawn = {
  /** Warnings and errors, and what was thrown. */
  complaints: string[];
  /** How many marks show the rows: the points of lines, or the bars or words of the layer named rows. */
  rows: number;
  axisTitles: string[];
  /** All words, with their colour and whether they are inside of the picture. */
  words: { text: string; colour: string; inside: boolean }[];
};

/** Draws a picture as Kibana does, and looks at what came of it. */
export async function draw(
  page: Page,
  picture: Picture,
  answer: Answer,
  theme: Theme,
  size: Size,
): Promise<Drawn> {
  const { title, spec } = picture;
  return page.evaluate(drawInPage, { title, spec, answer, colours: themes[theme], size });
}

type Job = { title: string; spec: string; answer: Answer; colours: (typeof themes)['light']; size: Size };

/** This runs in the browser and can use nothing of this file. */
async function drawInPage({ title, spec: text, answer, colours, size }: Job): Promise<Drawn> {
  // biome-ignore lint/suspicious/noExplicitAny: the libraries are globals of the page
  const { vega, vegaLite } = globalThis as any;
  const complaints: string[] = [];
  const complain = (...told: unknown[]) => {
    complaints.push(told.join(' '));
    return logger;
  };
  const quiet = () => logger;
  const logger = { level: quiet, warn: complain, error: complain, info: quiet, debug: quiet };

  const box = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const canvas = document.createElement('div');
  caption.textContent = title;
  caption.style.cssText = `font: 600 13px sans-serif; color: ${colours.darkest}; padding: 4px`;
  box.style.cssText = `margin: 8px; display: inline-block; width: ${size.width}px`;
  canvas.style.cssText = `width: ${size.width}px; height: ${size.height}px; position: relative`;
  document.body.style.background = colours.background;
  box.append(caption, canvas);
  document.body.append(box);

  const spec = JSON.parse(text);
  /** Sets what the picture has not set itself, as Kibana does. */
  const preset = (value: unknown, ...path: string[]) => {
    let at = spec.config;
    for (const name of path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name];
    }
    const last = path.at(-1) as string;
    if (at[last] === undefined) at[last] = value;
  };
  delete spec.config.kibana;
  preset('#54b399', 'mark', 'color');
  preset(colours.darkest, 'title', 'color');
  preset(colours.dark, 'style', 'guide-label', 'fill');
  preset(colours.darkest, 'style', 'guide-title', 'fill');
  for (const line of ['tickColor', 'domainColor', 'gridColor']) preset(colours.lines, 'axis', line);
  preset('transparent', 'background');
  delete spec.data.url;
  spec.data.values = answer;
  spec.width = spec.height = 'container';

  const compiled = vegaLite.compile(spec, { logger }).spec;
  const runtime = vega.parse(compiled, undefined, { ast: true });
  const view = new vega.View(runtime, {
    expr: vega.expressionInterpreter,
    renderer: 'svg',
    logger,
    container: canvas,
  });
  await view.width(size.width).height(size.height).runAsync();

  let points = 0;
  let others = 0;
  const axisTitles: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: Vega's scene graph
  const visit = (mark: any) => {
    const unseen = /^(anchor|room)/.test(mark.name ?? '');
    // The points of a line are a layer of their own, whose name depends on the version.
    if (mark.marktype === 'symbol' && mark.role === 'mark' && !unseen) points += mark.items.length;
    if (/^(rect|text)$/.test(mark.marktype) && mark.name?.startsWith('rows')) others += mark.items.length;
    for (const item of mark.items ?? []) {
      if (mark.role === 'axis-title') axisTitles.push(String(item.text ?? ''));
      for (const inner of item.items ?? []) visit(inner);
    }
  };
  visit(view.scenegraph().root);

  const frame = canvas.getBoundingClientRect();
  const words = [...canvas.querySelectorAll('text')].map((element) => {
    const at = element.getBoundingClientRect();
    return {
      text: element.textContent ?? '',
      colour: getComputedStyle(element).fill,
      inside:
        at.left >= frame.left - 1 &&
        at.right <= frame.right + 1 &&
        at.top >= frame.top - 1 &&
        at.bottom <= frame.bottom + 1,
    };
  });
  return { complaints, rows: points || others, axisTitles, words: words.filter(({ text }) => text !== '') };
}
