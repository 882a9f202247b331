import type { Facts } from '../api/types';
import { formatInteger } from '../numbers/format';
import classes from './Residues.module.css';

/** What remains of the value when it is divided by some primes. */
export function Residues({ residues }: { residues: Facts['residues'] }) {
  return (
    <section className={`section ${classes.residues}`}>
      <header>
        <h2>Remainders</h2>
      </header>
      <dl className="pairs">
        {residues.map((residue) => (
          <Pair key={residue.modulus} {...residue} />
        ))}
      </dl>
    </section>
  );
}

const Pair = ({ modulus, value, reason = '' }: Facts['residues'][number]) => (
  <>
    <dt>Modulo {formatInteger(modulus)}</dt>
    <dd className="mono">
      {value === null ? <span className="muted">{reason}</span> : formatInteger(value)}
    </dd>
  </>
);
