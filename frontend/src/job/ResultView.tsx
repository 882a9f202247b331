import type { CatalogueFunction, Job, ResultSummary } from '../api/types';
import { DigitExplorer } from '../digits/DigitExplorer';
import { Checksum } from './Checksum';
import { Details } from './Details';
import { Ends, isWhole } from './Ends';
import classes from './ResultView.module.css';
import { SameRequest } from './SameRequest';
import { Size } from './Size';
import { Took } from './Took';
import { Trust } from './Trust';

type Props = { job: Job; result: ResultSummary; fn: CatalogueFunction | undefined };

/** The result: its ends, its size and timing first, then every digit, and why to trust them. */
export function ResultView({ job, result, fn }: Props) {
  return (
    <div className={classes.result}>
      <Ends result={result} />
      <div className={`grid ${classes.size}`}>
        <Size result={result} />
        <Took result={result} />
      </div>
      {isWhole(result) ? (
        <div className={`grid ${classes.parts}`}>
          <div className="c8 stack">
            <Details job={job} fn={fn} />
            <SameRequest job={job} />
          </div>
          <Proof id={job.id} result={result} />
        </div>
      ) : (
        <>
          <div className={`grid ${classes.parts}`}>
            <div className="c8">
              <DigitExplorer id={job.id} count={Number(result.digits)} />
            </div>
            <Proof id={job.id} result={result} />
          </div>
          <div className={`grid ${classes.low}`}>
            <div className="c6">
              <Details job={job} fn={fn} />
            </div>
            <div className="c6">
              <SameRequest job={job} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

const Proof = ({ id, result }: { id: string; result: ResultSummary }) => (
  <aside className="c4 stack" aria-label="About this result">
    <Trust verification={result.verification} />
    <Checksum id={id} sha256={result.sha256} />
  </aside>
);
