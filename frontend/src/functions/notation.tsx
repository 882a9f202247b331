import type { ReactNode } from 'react';
import type { Args } from '../api/types';
import { exactPower, formatValue } from '../numbers/format';

// How the functions that we know by name are set as mathematics. The catalogue may hold others: they are written as their own
// plain text, and need nothing here.

/** The typeset forms of one function, as the contents of a `math` element. */
export type Notation = {
  value: (args: Args) => ReactNode;
  definition: ReactNode;
  /** Functions of one family take the same arguments, and a page offers the switch between them. */
  family?: { name: string; label: string };
};

const Open = () => <mo stretchy="false">(</mo>;
const Close = () => <mo stretchy="false">)</mo>;

/** f(…) */
function Applied({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <mi>{name}</mi>
      <Open />
      {children}
      <Close />
    </>
  );
}

const given = (args: Args, name: string) =>
  args[name] === undefined ? <mi>{name}</mi> : <Value digits={args[name]} />;

/** One argument: written out while it is short, as a power of ten where that is all there is to say. */
function Value({ digits }: { digits: string }) {
  const power = exactPower(digits);
  if (power === null || digits.length <= 15) return <mn>{formatValue(digits)}</mn>;
  return <TenTo exponent={power} />;
}

const TenTo = ({ exponent }: { exponent: number }) => (
  <msup>
    <mn>10</mn>
    <mn>{exponent}</mn>
  </msup>
);

/** The sum or product over k from `from` to n. */
const Over = ({ operator, from }: { operator: string; from: string }) => (
  <munderover>
    <mo movablelimits="false">{operator}</mo>
    <mrow>
      <mi>k</mi>
      <mo>=</mo>
      <mn>{from}</mn>
    </mrow>
    <mi>n</mi>
  </munderover>
);

const less = (of: string, by: string) => (
  <>
    <mi>{of}</mi>
    <mo>−</mo>
    <mn>{by}</mn>
  </>
);

const comma = <mo separator="true">,</mo>;

export const notations: Readonly<Record<string, Notation>> = {
  fibonacci: {
    value: (args) => <Applied name="F">{given(args, 'n')}</Applied>,
    definition: (
      <>
        <Applied name="F">
          <mi>n</mi>
        </Applied>
        <mo>=</mo>
        <Applied name="F">{less('n', '1')}</Applied>
        <mo>+</mo>
        <Applied name="F">{less('n', '2')}</Applied>
      </>
    ),
    family: { name: 'fibonacci', label: 'One number' },
  },
  'fibonacci-sum': {
    value: (args) => <Applied name="S">{given(args, 'n')}</Applied>,
    definition: (
      <>
        <Applied name="S">
          <mi>n</mi>
        </Applied>
        <mo>=</mo>
        <Over operator="∑" from="0" />
        <Applied name="F">
          <mi>k</mi>
        </Applied>
      </>
    ),
    family: { name: 'fibonacci', label: 'Sum from 0 to n' },
  },
  factorial: {
    value: (args) => (
      <>
        {exactPower(args.n ?? '') !== null && (args.n ?? '').length > 6 ? (
          <TenTo exponent={(args.n ?? '').length - 1} />
        ) : (
          given(args, 'n')
        )}
        <mo>!</mo>
      </>
    ),
    definition: (
      <>
        <mi>n</mi>
        <mo>!</mo>
        <mo>=</mo>
        <Over operator="∏" from="1" />
        <mi>k</mi>
      </>
    ),
  },
  ackermann: {
    value: (args) => (
      <Applied name="A">
        {given(args, 'm')}
        {comma}
        {given(args, 'n')}
      </Applied>
    ),
    definition: (
      <>
        <Applied name="A">
          <mi>m</mi>
          {comma}
          <mi>n</mi>
        </Applied>
        <mo>=</mo>
        <Applied name="A">
          {less('m', '1')}
          {comma}
          <Applied name="A">
            <mi>m</mi>
            {comma}
            {less('n', '1')}
          </Applied>
        </Applied>
      </>
    ),
  },
};
