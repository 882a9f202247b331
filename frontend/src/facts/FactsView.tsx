import type { Facts } from '../api/types';
import { formatInteger } from '../numbers/format';
import { Bones } from '../ui/Bones';
import { Count } from '../ui/Count';
import { ErrorState } from '../ui/ErrorState';
import { Groups } from '../ui/Groups';
import classes from './FactsView.module.css';
import { Residues } from './Residues';
import { howItEnds } from './trailing';
import { useFacts } from './useFacts';

/** What can be told about a value that may be far too large to be written down. */
export function FactsView({ id }: { id: string }) {
  const { data: facts, error, refetch } = useFacts(id);
  if (error) return <ErrorState error={error} retry={refetch} level={2} />;
  if (!facts) return <Bones label="Loading the facts" rows={[{ width: '100%', height: 196 }]} />;
  return (
    <>
      <section className={`panel ${classes.head}`} aria-label="The value">
        <div>
          <span className="label">Closed form</span>
          <p className={classes.form} translate="no">
            {facts.closed_form}
          </p>
        </div>
        <div>
          <span className="label">Size</span>
          <p className={classes.form}>
            <SizeOf facts={facts} />
          </p>
        </div>
      </section>
      {facts.leading ? <Ends title={titleOfLeading(facts)} digits={facts.leading} /> : null}
      {facts.trailing.complete && facts.leading === facts.trailing.digits ? null : (
        <Ends
          title={titleOfTrailing(facts)}
          digits={facts.trailing.digits}
          note={howItEnds(facts.trailing)}
        />
      )}
      <Residues residues={facts.residues} />
    </>
  );
}

function SizeOf({ facts: { digits, digits_of_digits } }: { facts: Facts }) {
  if (digits)
    return (
      <>
        <Count digits={digits} /> {digits === '1' ? 'digit' : 'digits'}
      </>
    );
  if (digits_of_digits)
    return (
      <>
        The number of its digits has <Count digits={digits_of_digits} /> digits
      </>
    );
  return 'Beyond what the digits of its digits can count';
}

const titleOfLeading = ({ leading, trailing }: Facts) =>
  trailing.complete && trailing.zeros === '0' ? 'All digits' : `First ${leading?.length} digits`;

function titleOfTrailing({ trailing: { digits, zeros } }: Facts) {
  const last = `Last ${formatInteger(digits.length)} digits`;
  return zeros === '0' ? last : `${last} before its zeros`;
}

type EndsProps = { title: string; digits: string; note?: string };

function Ends({ title, digits, note = '' }: EndsProps) {
  return (
    <section className={`section ${classes.ends}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      {note ? <p className="soft">{note}</p> : null}
      <p className={`digits ${classes.digits}`} translate="no">
        <Groups digits={digits} />
      </p>
    </section>
  );
}
