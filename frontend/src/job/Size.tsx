import type { NumberSummary } from '../api/types';
import { formatBytes, formatInteger } from '../numbers/format';
import { capitalised, inWords } from '../numbers/words';
import { Count } from '../ui/Count';
import classes from './Size.module.css';

/** How large the number is: the hero figure, a sentence that makes it graspable, and the usual three figures. */
export function Size({ result }: { result: NumberSummary }) {
  const { digits, bytes, trailing_zeros, scientific } = result;
  return (
    <section className="c8" aria-label="Size">
      <p className="hero">
        <Count digits={digits} />
        <span className={`unit ${classes.unit}`}>{digits === '1' ? 'digit' : 'digits'}</span>
      </p>
      <p className={classes.words}>{sentenceOf(Number(digits))}</p>
      <dl className={classes.figures}>
        <div>
          <dt className="label">Scientific</dt>
          <dd>
            <Scientific text={scientific} />
          </dd>
        </div>
        <div>
          <dt className="label">Size</dt>
          <dd>{formatBytes(bytes)}</dd>
        </div>
        <div>
          <dt className="label">Trailing zeros</dt>
          <dd>{formatInteger(trailing_zeros)}</dd>
        </div>
      </dl>
    </section>
  );
}

/** `4.7371034734e20898763` to five figures, with its exponent as a superscript. */
function Scientific({ text }: { text: string }) {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const short = Number(mantissa).toLocaleString(undefined, { maximumFractionDigits: 4 });
  if (exponent === '0') return short;
  return (
    <>
      {short} × 10<sup>{formatInteger(exponent)}</sup>
    </>
  );
}

const digitsOnPage = 3000;
const digitsPerSecond = 3;

function sentenceOf(digits: number): string {
  const words = inWords(digits);
  const counted = words ? `${capitalised(words)} ${digits === 1 ? 'digit' : 'digits'}. ` : '';
  const aloud = timeAloud(digits / digitsPerSecond);
  if (digits <= digitsOnPage)
    return `${counted}It fits on a page; read aloud at three digits a second, ${aloud}.`;
  const pages = formatInteger(Math.ceil(digits / digitsOnPage));
  return `${counted}Printed at 3,000 digits a page, ${pages} pages; read aloud at three digits a second, ${aloud}.`;
}

function timeAloud(seconds: number): string {
  const scales: [number, string][] = [
    [31557600, 'year'],
    [86400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ];
  const [length, unit] = scales.find(([size]) => seconds >= 1.5 * size) ?? [1, 'second'];
  const amount = Math.max(1, Math.round(seconds / length));
  return `${formatInteger(amount)} ${unit}${amount === 1 ? '' : 's'}`;
}
