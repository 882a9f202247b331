import { useQuery } from '@tanstack/react-query';
import { useConnection } from '../api/connection';
import type { CatalogueFunction, Job } from '../api/types';
import { estimateQuery } from '../compute/useEstimate';
import { formatCount } from '../numbers/format';
import { formatClock, formatUntil } from '../numbers/time';
import { Note } from '../ui/Note';
import classes from './ActiveView.module.css';
import { Attempts } from './Attempts';
import { Details } from './Details';
import type { Way } from './follow';
import { Log } from './Log';
import { ProgressPanel } from './ProgressPanel';
import { SameRequest } from './SameRequest';

type Props = { job: Job; fn: CatalogueFunction | undefined; way: Way | null };

/** A job that has not ended: how far it is, who has tried, what they say, and what one need not do. */
export function ActiveView({ job, fn, way }: Props) {
  const { offline, lastHeard } = useConnection();
  const { data: estimate } = useQuery({
    ...estimateQuery({ function: job.function, args: job.args, method: job.method }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const digits = estimate?.digits;
  return (
    <>
      <p className={`lead ${classes.lead}`}>
        {digits ? `${formatCount(digits)} ${digits === '1' ? 'digit' : 'digits'} ${onTheWay(job)}. ` : ''}
        Submitted at {formatClock(job.created_at)}.
        {job.deadline ? ` Ends ${formatUntil(job.deadline)} unless it is done by then.` : ''}
      </p>
      <div className={`grid ${classes.view}`}>
        <div className="c8 stack">
          {offline && lastHeard ? <p className="soft sm">Last known, {formatClock(lastHeard)}</p> : null}
          <ProgressPanel job={job} estimate={estimate} dim={offline} />
          {job.attempt > 1 || (job.attempt === 1 && job.state === 'queued') ? (
            <StartedAgain job={job} />
          ) : null}
          <div className={`stack ${classes.history}`}>
            <Attempts job={job} />
            <Log job={job} way={way} />
          </div>
        </div>
        <aside className="c4 stack" aria-label="About this job">
          <div className={classes.close}>
            <Note tone="accent" title="You can close this tab.">
              {job.state === 'scheduled'
                ? 'The job starts by itself, and this link shows how far it is.'
                : 'The job goes on, and this link shows how far it is.'}
            </Note>
          </div>
          <Details job={job} fn={fn} />
          <SameRequest job={job} />
        </aside>
      </div>
    </>
  );
}

const onTheWay = ({ state }: Job) => (state === 'scheduled' ? 'to come' : 'on the way');

const StartedAgain = ({ job }: { job: Job }) => (
  <Note title="Started again by itself.">
    {job.state === 'queued'
      ? 'The last try did not come to an end, so the next one begins from the start. '
      : `This is try ${job.attempt}: the one before did not come to an end. `}
    You need to do nothing.
  </Note>
);
