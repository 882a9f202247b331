import { expect, test } from 'vitest';
import { chanceOfError, pythonCheck } from './trust';

test('the chance of an error is one in the product of the moduli', () => {
  expect(chanceOfError(['1945555039024054273', '1000000007'])).toBe('1\u00a0×\u00a010²⁷');
  expect(chanceOfError(['2305843009213693951'])).toBe('2\u00a0×\u00a010¹⁸');
});

test('the program names every modulus', () => expect(pythonCheck(['7', '11'])).toContain('[7, 11]'));
