import { expect, test } from 'vitest';
import { howItEnds } from './trailing';

const plain = { digits: '7'.repeat(1000), zeros: '0', complete: false, stable: null };

test.for([
  [plain, ''],
  [{ ...plain, zeros: '1' }, 'Then comes one zero.'],
  [{ ...plain, zeros: '249999999999990' }, 'Then come 249,999,999,999,990 zeros.'],
  [{ ...plain, stable: 0 }, 'A taller tower of twos ends in other digits.'],
  [{ ...plain, stable: 4 }, 'Every taller tower of twos, less three, ends in the last 4 of them too.'],
  [{ ...plain, stable: 1000 }, 'Every taller tower of twos, less three, ends in these digits too.'],
] as const)('%o is told as "%s"', ([trailing, told]) => expect(howItEnds(trailing)).toBe(told));
