// Numbers as people read them, in the person's own locale. Counts arrive as decimal strings, since they may pass 2^53.

const whole = new Intl.NumberFormat();
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** The digits with the separators of the locale: 20,898,764. */
export const formatInteger = (digits: string | number) => whole.format(BigInt(digits));

/** Above this many digits a count is written as a power of ten. */
const longestPlain = 15;

/** A number as `a × 10^exponent`, with the superscript apart so that it can be set as one. */
export type Power = { base: string; exponent: string };

/** Null for numbers of up to 15 digits, which are written out; else about how large it is, to one digit. */
export function asPower(digits: string): Power | null {
  if (digits.length <= longestPlain) return null;
  const rounded = Math.round(Number(`${digits.slice(0, 2)}`) / 10);
  const carried = rounded === 10;
  return {
    base: String(carried ? 1 : rounded),
    exponent: formatInteger(digits.length - 1 + Number(carried)),
  };
}

/** A count in running text: 20,898,764, or ≈ 6 × 10^19,727. */
export function formatCount(digits: string) {
  const power = asPower(digits);
  return power ? `≈ ${power.base} × 10^${power.exponent}` : formatInteger(digits);
}

/** An exact value, kept short: 1,000,000, 10^100 where that is all there is to say, else its two ends. */
export function formatValue(digits: string) {
  if (digits.length <= longestPlain) return formatInteger(digits);
  const power = exactPower(digits);
  return power ? `10^${power}` : `${digits.slice(0, 6)}…${digits.slice(-6)}`;
}

/** The value as short as it goes, in plain characters: 1,000 and 10⁶. */
export function formatBrief(digits: string) {
  const power = exactPower(digits);
  if (power === null || power < 6) return formatValue(digits);
  return `10${[...String(power)].map((d) => superscripts[Number(d)]).join('')}`;
}

/** The k with 10^k equal to the digits, or null. */
export function exactPower(digits: string) {
  return /^10*$/.test(digits) ? digits.length - 1 : null;
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** A size in decimal units with three figures: 20.9 MB. */
export function formatBytes(digits: string) {
  if (digits.length > 21) return `${formatCount(digits)} bytes`;
  let size = Number(digits);
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  if (unit === 0) return size === 1 ? '1 byte' : `${size} bytes`;
  return `${figures(size)} ${units[unit]}`;
}

const figures = (value: number) =>
  value.toLocaleString(undefined, { maximumFractionDigits: value < 99.95 ? 1 : 0 });

/** Half of a percent matters below ten only: 41.5 %. */
export const formatPercent = (percent: number) =>
  `${percent.toLocaleString(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`;

/** A ratio to a limit as words: 10 %, under 1 %, 1,000 times. */
export function formatShare(ratio: number) {
  if (ratio < 0.01) return 'Under 1 %';
  if (ratio <= 1) return `${Math.floor(ratio * 100)} %`;
  if (ratio < 1.95) return `${Math.ceil(ratio * 100)} %`;
  if (ratio > 1e6) return 'More than a million times';
  return `${whole.format(Math.round(ratio))} times`;
}
