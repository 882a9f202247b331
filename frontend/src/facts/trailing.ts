import type { Facts } from '../api/types';
import { formatCount, formatInteger } from '../numbers/format';

/** A sentence on what follows the last digits, and on how many of them taller towers share. Empty if there is nothing to say. */
export function howItEnds({ zeros, digits, stable }: Facts['trailing']): string {
  if (zeros === '1') return 'Then comes one zero.';
  if (zeros !== '0') return `Then come ${formatCount(zeros)} zeros.`;
  if (stable === null) return '';
  if (stable === 0) return 'A taller tower of twos ends in other digits.';
  if (stable >= digits.length) return 'Every taller tower of twos, less three, ends in these digits too.';
  return `Every taller tower of twos, less three, ends in the last ${formatInteger(stable)} of them too.`;
}
