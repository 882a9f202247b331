// A count in English words, for the sentence under the hero figure.

const small = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const tens = '  twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const thousands = ['', 'thousand', 'million', 'billion', 'trillion'];

function underThousand(n: number): string {
  if (n < 20) return small[n] ?? '';
  if (n < 100) return [tens[Math.floor(n / 10)], small[n % 10]].slice(0, n % 10 ? 2 : 1).join('-');
  const rest = n % 100;
  return `${small[Math.floor(n / 100)]} hundred${rest ? ` ${underThousand(rest)}` : ''}`;
}

/** `twenty million, eight hundred ninety-eight thousand`; null from 10^15 up, where words stop helping. */
export function inWords(count: number): string | null {
  if (!Number.isSafeInteger(count) || count < 0 || count >= 1e15) return null;
  if (count === 0) return 'zero';
  const parts: string[] = [];
  for (let rest = count, i = 0; rest > 0; rest = Math.floor(rest / 1000), i++) {
    const group = rest % 1000;
    if (group) parts.unshift([underThousand(group), thousands[i]].filter(Boolean).join(' '));
  }
  return parts.join(', ');
}

/** The first letter in upper case. */
export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const suffixes: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** What follows the figure of a place: st, nd, rd, th. */
export const ordinalSuffix = (place: number) => suffixes[ordinals.select(place)] ?? 'th';
