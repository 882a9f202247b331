// Where digits stand: offsets count from 0, lines begin at multiples of their length.

/** How the digits are laid out: digits a line, lines on screen, and after how many lines an offset stands at the side. */
export type Layout = { perLine: number; lines: number; offsetEvery: number };

export const wide: Layout = { perLine: 50, lines: 20, offsetEvery: 1 };
export const narrow: Layout = { perLine: 25, lines: 10, offsetEvery: 10 };

/** Digits are fetched and kept in blocks of this many: 200 lines of a wide screen. */
export const blockSize = 10_000;

export const lineCount = (digits: number, { perLine }: Layout) => Math.ceil(digits / perLine);

/** The first line that may stand at the top, so that the last one is never above the bottom. */
export const lastTop = (digits: number, layout: Layout) =>
  Math.max(0, lineCount(digits, layout) - layout.lines);

export const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** The top line that shows the digit at `offset` a little below the edge. */
export function topFor(offset: number, digits: number, layout: Layout) {
  return clamp(
    Math.floor(offset / layout.perLine) - Math.floor(layout.lines / 5),
    0,
    lastTop(digits, layout),
  );
}

/** The blocks that hold the digits from `from` up to, not including, `to`. */
export function blocksBetween(from: number, to: number): number[] {
  const first = Math.floor(from / blockSize);
  const last = Math.floor(Math.max(from, to - 1) / blockSize);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** The digits from `from` up to `to` out of the blocks; null if one that they need is not there yet. */
export function slice(blocks: ReadonlyMap<number, string>, from: number, to: number): string | null {
  let text = '';
  for (const block of blocksBetween(from, to)) {
    const digits = blocks.get(block);
    if (digits === undefined) return null;
    const start = block * blockSize;
    text += digits.slice(Math.max(0, from - start), to - start);
  }
  return text;
}
