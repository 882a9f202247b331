import { render, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../test/catalogue';
import { briefValue, FormulaOfValue, notationOf, plainValue } from './Formula';
import { argsFromQuery, fieldsOf, firstArgs, taskPath } from './fields';

const named = (name: string) => {
  const fn = catalogue.find((f) => f.name === name);
  if (!fn) throw new Error(`the catalogue of the tests lacks ${name}`);
  return fn;
};

describe('a value in plain characters', () => {
  test('follows the notation of the catalogue', () => {
    expect(plainValue('A({m}, {n})', { m: '4', n: '2' })).toBe('A(4, 2)');
    expect(plainValue('A({m},{n})', { m: '4', n: '2' })).toBe('A(4, 2)');
    expect(plainValue('{n}!', { n: '1000000' })).toBe('1,000,000!');
    expect(briefValue('{n}!', { n: '1000000' })).toBe('10⁶!');
  });
  test('keeps the name of an argument that is not known', () =>
    expect(plainValue('F({n})', {})).toBe('F(n)'));
  test('names a function that the catalogue does not hold', () => {
    const args = { a: '1', b: '2' };
    expect(plainValue(notationOf('lucas', args), args)).toBe('lucas(1, 2)');
  });
});

test('a function without notation of its own is written as the catalogue has it', () => {
  render(<FormulaOfValue name="primorial" args={{ k: '100' }} fn={named('primorial')} />);
  expect(screen.getByText('p(100)#')).toBeDefined();
});

test('a typeset formula is read as plain text', () => {
  const { container } = render(
    <FormulaOfValue name="factorial" args={{ n: '10000000' }} fn={named('factorial')} />,
  );
  expect(screen.getByText('10,000,000!')).toBeDefined();
  expect(container.querySelector('[aria-hidden] math msup')?.textContent).toBe('107');
});

describe('the form', () => {
  test('has the inputs of the JSON Schema in the order of `required`', () => {
    expect(fieldsOf(named('ackermann')).map(({ name }) => name)).toEqual(['m', 'n']);
  });
  test('starts with the first example', () =>
    expect(firstArgs(named('ackermann'))).toEqual({ m: '4', n: '2' }));
  test('is filled in by the address', () => {
    const path = taskPath('ackermann', { m: '3', n: '10^6' });
    expect(path).toBe('/tasks/ackermann?m=3&n=10%5E6');
    expect(argsFromQuery(named('ackermann'), 'n=10%5E6&x=1', { m: '4', n: '2' })).toEqual({
      m: '4',
      n: '10^6',
    });
  });
});
