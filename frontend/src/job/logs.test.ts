import { describe, expect, test } from 'vitest';
import { lineAt } from '../../test/jobs';
import { asText, mostLines, noLines, withLines } from './logs';

describe('log lines', () => {
  const [first, second, third] = [lineAt(1, 'one'), lineAt(2, 'two'), lineAt(3, 'three')] as const;

  test('stand in the order of their times, each once', () => {
    const once = withLines(noLines, [third, first]);
    const twice = withLines(once, [second, { ...first }]);
    expect(twice.lines.map(({ message }) => message)).toEqual(['one', 'two', 'three']);
    expect(withLines(twice, [second])).toBe(twice);
  });

  test('keep the order in which they were told within one moment', () => {
    const lines = ['b', 'a', 'c'].map((message) => lineAt(1, message));
    expect(withLines(noLines, lines).lines).toEqual(lines);
  });

  test('are bounded', () => {
    const many = Array.from({ length: mostLines + 50 }, (_, i) => lineAt(i, `line ${i}`));
    const { lines } = withLines(noLines, many);
    expect([lines.length, lines[0]?.message]).toEqual([mostLines, 'line 50']);
  });

  test('are text for a clipboard', () => {
    const line = lineAt(0, 'worker lost', { level: 'warn', attributes: { at: '18 %', step: '3', why: '' } });
    expect(asText(line)).toBe('2026-11-23T14:02:07.118Z warn worker lost attempt=1 at="18 %" step=3 why=""');
  });
});
