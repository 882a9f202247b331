import { resultPath } from '../api/calls';
import { CopyButton } from '../ui/CopyButton';
import { groupsOf } from '../ui/Groups';
import classes from './Checksum.module.css';

/** The SHA-256 of the digits or of the document. */
export function Checksum({ id, sha256, of }: { id: string; sha256: string; of: 'digits' | 'document' }) {
  return (
    <section className="section">
      <header>
        <h2>SHA-256</h2>
        <CopyButton kind="bare" text={sha256} className={`push ${classes.copy}`}>
          Copy
        </CopyButton>
      </header>
      <p className={`mono ${classes.sum}`} translate="no">
        {groupsOf(sha256, 8).map(({ at, text }) => (
          <span key={at}>{text}</span>
        ))}
      </p>
      <p className={`sm muted ${classes.how}`}>
        Of the {of} as <a href={resultPath(id)}>downloaded</a>, with no newline at the end.
      </p>
    </section>
  );
}
