import { useState } from 'react';
import { Link } from 'wouter';
import type { CatalogueFunction } from '../api/types';
import { useQuerySync } from '../app/useQuerySync';
import { useFunctions } from '../functions/useFunctions';
import { Bones } from '../ui/Bones';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { Icon } from '../ui/Icon';
import { type Draft, draftFromQuery, draftQuery, sweepable } from './draft';
import { SweepForm } from './SweepForm';
import classes from './SweepPage.module.css';

/** One argument of one function runs over a range, and each value is a job: up to 10,000 of them, as one batch. */
export function SweepPage() {
  const { data: functions, error, refetch } = useFunctions();
  const [start] = useState(() => window.location.search.slice(1));
  const first = functions && draftFromQuery(functions, start);
  return (
    <>
      <title>Sweep · Numbermill</title>
      <nav className={classes.crumbs} aria-label="Breadcrumb">
        <Link href="/jobs">My jobs</Link>
        <Icon name="right" size={12} />
        <span>Sweep</span>
      </nav>
      <div className="head">
        <div>
          <h1>Sweep</h1>
          <p className="lead">
            One argument runs over a range. Each value is a job, and you follow all of them as one.
          </p>
        </div>
      </div>
      {functions && first ? (
        <Loaded functions={functions} first={first} />
      ) : functions ? (
        <EmptyState figure="0" title="Nothing to sweep over">
          No function of the catalogue takes a number.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Bones label="Loading the functions" rows={[{ width: '100%', height: 480 }]} />
      )}
    </>
  );
}

function Loaded({ functions, first }: { functions: CatalogueFunction[]; first: Draft }) {
  const [draft, setDraft] = useState(first);
  const keepAddress = useQuerySync(draftQuery(draft), (search) =>
    setDraft(draftFromQuery(functions, search) ?? first),
  );
  const fn = functions.find(({ name }) => name === draft.function);
  if (!fn) return null; // a draft names a function of the catalogue

  function change(name: string) {
    const next = draftFromQuery(functions, new URLSearchParams({ function: name }).toString());
    if (next) setDraft({ ...next, range: draft.range });
  }
  return (
    <SweepForm
      functions={sweepable(functions)}
      fn={fn}
      draft={draft}
      onFunction={change}
      onChange={setDraft}
      onSubmit={keepAddress}
    />
  );
}
