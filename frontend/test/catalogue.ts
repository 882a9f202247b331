import type { CatalogueFunction } from '../src/api/types';

const limits = { cost: '600000', digits: '1000000000', peak_bytes: '4000000000' };
const methods: CatalogueFunction['methods'] = [
  { name: 'fast', title: 'Fast doubling', description: 'The exact value, by squaring.', result: 'digits' },
  { name: 'facts', title: 'Facts', description: 'What can be told about it.', result: 'document' },
];

const parameter = (name: string, examples: string[]) => ({
  name,
  title: `Value of ${name}`,
  description: `Which ${name}, from 0 up.`,
  examples,
});

function schemaOf(parameters: CatalogueFunction['parameters']) {
  const properties = Object.fromEntries(
    parameters.map(({ name, title, description, examples }) => [
      name,
      {
        title,
        description,
        type: ['string', 'integer'],
        minLength: 1,
        maxLength: 4000,
        minimum: 0,
        examples,
      },
    ]),
  );
  return {
    type: 'object',
    properties,
    required: parameters.map(({ name }) => name),
    additionalProperties: false,
  };
}

type Own = Pick<CatalogueFunction, 'name' | 'title' | 'summary' | 'definition' | 'notation' | 'parameters'> &
  Partial<CatalogueFunction>;

const entry = (own: Own): CatalogueFunction => ({
  sequence: null,
  methods,
  limits,
  cost_formula: '0.209·n digits; time grows like n^1.6',
  examples: [],
  arguments_schema: schemaOf(own.parameters),
  ...own,
});

/** The catalogue of the stand-in server: the real four, and one that the app has never heard of. */
export const catalogue: CatalogueFunction[] = [
  entry({
    name: 'fibonacci',
    title: 'Fibonacci numbers',
    summary: 'The n-th Fibonacci number, each the sum of the two before it.',
    definition: 'F(0) = 0, F(1) = 1, F(n) = F(n−1) + F(n−2)',
    notation: 'F({n})',
    sequence: 'A000045',
    parameters: [parameter('n', ['1000', '1e6', '10^8', '10^9'])],
    examples: [
      { args: { n: '1000' }, note: 'Small enough to read' },
      { args: { n: '1000000' }, note: 'A good first job' },
    ],
  }),
  entry({
    name: 'fibonacci-sum',
    title: 'Sum of Fibonacci numbers',
    summary: 'F(0) + F(1) + … + F(n), which is F(n+2) − 1.',
    definition: 'S(n) = F(0) + … + F(n) = F(n+2) − 1',
    notation: 'S({n})',
    parameters: [parameter('n', ['1000', '1e6', '10^8'])],
    examples: [{ args: { n: '1000000' }, note: 'A million numbers added up' }],
  }),
  entry({
    name: 'factorial',
    title: 'Factorial',
    summary: 'The product of the whole numbers from 1 to n.',
    definition: 'n! = 1 · 2 · … · n',
    notation: '{n}!',
    sequence: 'A000142',
    parameters: [parameter('n', ['1000', '10^5', '10^7'])],
    examples: [
      { args: { n: '1000' }, note: 'Ends in 249 zeros' },
      { args: { n: '10000000' }, note: 'Ends in 2,499,999 zeros' },
    ],
  }),
  entry({
    name: 'ackermann',
    title: 'Ackermann',
    summary: 'Grows faster than any tower of powers.',
    definition: 'A(0, n) = n + 1, A(m, 0) = A(m−1, 1), A(m, n) = A(m−1, A(m, n−1))',
    notation: 'A({m}, {n})',
    parameters: [parameter('m', ['4']), parameter('n', ['2'])],
    examples: [
      { args: { m: '4', n: '2' }, note: 'Two to the 65,536th, less three' },
      { args: { m: '3', n: '20' }, note: 'Seven digits' },
    ],
  }),
  entry({
    name: 'primorial',
    title: 'Primorial',
    summary: 'The product of the first k primes.',
    definition: 'p(k)# = 2 · 3 · 5 · … · p(k)',
    notation: 'p({k})#',
    parameters: [parameter('k', ['100'])],
    examples: [{ args: { k: '100' }, note: 'A function without notation of its own' }],
  }),
];
