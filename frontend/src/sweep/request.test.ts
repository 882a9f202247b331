import { describe, expect, test } from 'vitest';
import { catalogue } from '../../test/catalogue';
import { ProblemError } from '../api/http';
import { type Draft, draftFromQuery, draftQuery } from './draft';
import { labelProblems, labelsOf } from './labels';
import { readRange } from './range';
import { batchRequest, identity, nameOf, TooLargeError, wrongAt } from './request';

const draftOf = (query: string): Draft => {
  const draft = draftFromQuery(catalogue, query);
  if (!draft) throw new Error('the catalogue of the tests has nothing to sweep over');
  return draft;
};
const sweepOf = (query: string, more: object = {}) => {
  const draft = draftOf(query);
  const { range } = readRange(draft.range);
  if (!range) throw new Error(`${query} has no range`);
  const { notation = '' } = catalogue.find(({ name }) => name === draft.function) ?? {};
  return { draft, range, notation, wishes: {}, labels: {}, ...more };
};

describe('the address of a sweep', () => {
  test('carries what the form holds', () => {
    const query = 'function=ackermann&over=m&from=0&to=3&step=1&args.n=5&method=facts';
    const draft = draftOf(query);
    expect(draft).toEqual({
      function: 'ackermann',
      over: 'm',
      range: { from: '0', to: '3', step: '1' },
      args: { m: '4', n: '5' },
      method: 'facts',
    });
    expect(draftQuery(draft)).toBe(query);
  });
  test('leads to the first function and its last argument where it names none', () => {
    expect(draftOf('function=nope&over=nope')).toMatchObject({ function: 'fibonacci', over: 'n' });
    expect(draftOf('function=ackermann').over).toBe('n');
  });
  test('leads nowhere where nothing can be swept over', () => expect(draftFromQuery([], '')).toBeUndefined());
});

describe('the request of a sweep', () => {
  test('has a job for each value, and says in a label what it sweeps over', () => {
    const sweep = sweepOf('function=ackermann&over=n&from=1&to=7&step=3&args.m=2', {
      labels: { run: 'a' },
      wishes: { priority: 'low' },
    });
    const same = { function: 'ackermann', labels: { run: 'a' }, priority: 'low' };
    expect(batchRequest(sweep)).toEqual({
      jobs: ['1', '4', '7'].map((n) => ({ ...same, args: { m: '2', n } })),
      labels: { sweep: 'A(2, 1), A(2, 4) … A(2, 7)', run: 'a' },
    });
  });
  test('leaves out what goes without saying', () =>
    expect(batchRequest(sweepOf('from=5&to=5'))).toEqual({
      jobs: [{ function: 'fibonacci', args: { n: '5' } }],
      labels: { sweep: 'F(5)' },
    }));
  test('is never larger than the server takes', () => {
    expect(() => batchRequest(sweepOf('from=10^900&to=2e903&step=10^900'))).not.toThrow();
    const labels = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`l${i}`, 'ä'.repeat(128)]));
    expect(() => batchRequest(sweepOf('from=1&to=10000', { labels }))).toThrow(TooLargeError);
  });
  test('is another one with another label or another end', () => {
    const same = [identity(sweepOf('to=5')), identity(sweepOf('to=5'))];
    expect(same[0]).toBe(same[1]);
    expect(identity(sweepOf('to=6'))).not.toBe(same[0]);
    expect(identity(sweepOf('to=5', { labels: { run: 'a' } }))).not.toBe(same[0]);
  });
  test.each([
    ['from=7&to=7', 'F(7)'],
    ['from=1&to=2', 'F(1), F(2)'],
    ['from=1&to=1e6&step=1e3', 'F(1), F(1,001) … F(999,001)'],
  ])('%s is named %s', (query, name) => {
    const { draft, range, notation } = sweepOf(query);
    expect(nameOf(draft, range, notation)).toBe(name);
  });
  test('finds what is wrong with its jobs in the answer', () => {
    const errors = [
      { pointer: '/labels/x', detail: 'odd' },
      { pointer: '/jobs/17/args/n', detail: 'too large' },
    ];
    const problem = { type: '/problems/x', title: 'x', status: 422, detail: 'x', request_id: 'r', errors };
    const error = new ProblemError(problem, null);
    expect(wrongAt(error, '/args/n')).toEqual({ detail: 'too large', job: 17 });
    expect(wrongAt(error, '/args/m')).toBeUndefined();
    expect(wrongAt(new Error('offline'), '/args/n')).toBeUndefined();
  });
});

describe('labels', () => {
  const label = (key: number, name: string, value = '') => ({ key, name, value });
  test('are trimmed, and empty rows are none', () =>
    expect(labelsOf([label(1, ' run ', ' a '), label(2, '', '')])).toEqual({ run: 'a' }));
  test('are refused beside the field that is wrong', () => {
    const labels = [
      label(1, 'run'),
      label(2, 'run'),
      label(3, '-x'),
      label(4, '', 'a'),
      label(5, 'b', 'c'.repeat(129)),
    ];
    expect(Object.entries(labelProblems(labels)).map(([key, p]) => [key, Object.keys(p)[0]])).toEqual([
      ['2', 'name'],
      ['3', 'name'],
      ['4', 'name'],
      ['5', 'value'],
    ]);
  });
});
