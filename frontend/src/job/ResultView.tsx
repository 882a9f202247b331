import {
  type CatalogueFunction,
  isNumber,
  type Job,
  type NumberSummary,
  type ResultSummary,
} from '../api/types';
import { DigitExplorer } from '../digits/DigitExplorer';
import { FactsView } from '../facts/FactsView';
import { Attempts } from './Attempts';
import { Checksum } from './Checksum';
import { Details } from './Details';
import { Ends, isWhole } from './Ends';
import { Log } from './Log';
import classes from './ResultView.module.css';
import { SameRequest } from './SameRequest';
import { Size } from './Size';
import { Took } from './Took';
import { Trust } from './Trust';

type Props = { job: Job; result: ResultSummary; fn: CatalogueFunction | undefined };

/** The result: a number, or what can be told about one. */
export function ResultView({ job, result, fn }: Props) {
  if (isNumber(result)) return <NumberView job={job} result={result} fn={fn} />;
  return (
    <div className={classes.result}>
      <FactsView id={job.id} />
      <div className={`grid ${classes.low}`}>
        <div className="c8 stack">
          <Details job={job} fn={fn} />
          <SameRequest job={job} />
          <History job={job} />
        </div>
        <div className="c4 stack">
          <Took result={result} />
          <Proof id={job.id} result={result} />
        </div>
      </div>
    </div>
  );
}

/** A number: its ends, its size and timing first, then every digit, and why to trust them. */
function NumberView({ job, result, fn }: Props & { result: NumberSummary }) {
  return (
    <div className={classes.result}>
      <Ends result={result} />
      <div className={`grid ${classes.size}`}>
        <Size result={result} />
        <div className="c4">
          <Took result={result} />
        </div>
      </div>
      {isWhole(result) ? (
        <div className={`grid ${classes.parts}`}>
          <div className="c8 stack">
            <Details job={job} fn={fn} />
            <SameRequest job={job} />
            <History job={job} />
          </div>
          <div className="c4">
            <Proof id={job.id} result={result} />
          </div>
        </div>
      ) : (
        <>
          <div className={`grid ${classes.parts}`}>
            <div className="c8">
              <DigitExplorer id={job.id} count={Number(result.digits)} />
            </div>
            <div className="c4">
              <Proof id={job.id} result={result} />
            </div>
          </div>
          <div className={`grid ${classes.low}`}>
            <div className="c6">
              <Details job={job} fn={fn} />
            </div>
            <div className="c6">
              <SameRequest job={job} />
            </div>
          </div>
          <div className={`stack ${classes.low}`}>
            <History job={job} />
          </div>
        </>
      )}
    </div>
  );
}

/** How it came about. */
const History = ({ job }: { job: Job }) => (
  <>
    <Attempts job={job} />
    <Log job={job} way={null} />
  </>
);

const Proof = ({ id, result }: { id: string; result: ResultSummary }) => (
  <aside className="stack" aria-label="About this result">
    <Trust verification={result.verification} />
    <Checksum id={id} sha256={result.sha256} of={isNumber(result) ? 'digits' : 'document'} />
  </aside>
);
