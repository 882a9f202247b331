import { useState } from 'react';
import type { Job } from '../api/types';
import { asCommand, asCurl } from '../compute/sameRequest';
import { Code } from '../ui/Code';
import { CopyButton } from '../ui/CopyButton';
import { Segments } from '../ui/Segments';
import classes from './SameRequest.module.css';

/** The same request for a shell: over HTTP, or computed in place. */
export function SameRequest({ job }: { job: Job }) {
  const [way, setWay] = useState('curl');
  const text =
    way === 'curl'
      ? asCurl(
          job.function,
          job.args,
          job.method,
          job.priority === 'standard' ? {} : { priority: job.priority },
        )
      : asCommand(job.function, job.args, job.method);
  return (
    <section className="section">
      <header>
        <h2>Same request</h2>
        <div className={`push ${classes.tools}`}>
          <Segments small aria-label="As" data={['curl', 'CLI']} value={way} onChange={setWay} />
          <CopyButton kind="bare" text={text} className={classes.copy ?? ''}>
            Copy
          </CopyButton>
        </div>
      </header>
      <Code label={`The same request as a ${way} command`}>{text}</Code>
    </section>
  );
}
