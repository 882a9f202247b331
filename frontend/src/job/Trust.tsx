import type { ResultSummary } from '../api/types';
import { formatInteger } from '../numbers/format';
import { inWords } from '../numbers/words';
import { Code } from '../ui/Code';
import { Icon } from '../ui/Icon';
import classes from './Trust.module.css';
import { chanceOfError, pythonCheck } from './trust';

type Verification = ResultSummary['verification'];

/** Why the digits can be trusted: what was compared, what came out, and how to repeat it. */
export function Trust({ verification: { method, moduli, residues } }: { verification: Verification }) {
  const residue = method === 'residue' && moduli.length > 0;
  return (
    <section className="section">
      <header>
        <h2>Why you can trust it</h2>
      </header>
      {residue ? (
        <p className="soft">
          The digits were read back and divided by{' '}
          {moduli.length === 1 ? 'a prime' : `${inWords(moduli.length)} primes`}. An independent computation,
          which never forms the big number, gave the same {moduli.length === 1 ? 'remainder' : 'remainders'}.
          A random error would slip through about once in {chanceOfError(moduli)}.
        </p>
      ) : (
        <p className="soft">
          Each of these facts was found a second time by other means before it was published.
        </p>
      )}
      <dl className={classes.residues}>
        {moduli.map((modulus, i) => (
          <div key={modulus}>
            <dt>Remainder modulo {formatInteger(modulus)}</dt>
            <dd className="mono">
              {formatInteger(residues[i] ?? '0')} <Icon name="check" className="ok" />
              <span className="vh">agrees</span>
            </dd>
          </div>
        ))}
      </dl>
      {residue ? (
        <details className={classes.check}>
          <summary>Check it yourself</summary>
          <Code label="A Python program that computes the remainders">{pythonCheck(moduli)}</Code>
        </details>
      ) : null}
    </section>
  );
}
