import { Chip, NativeSelect } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useFunctions } from '../functions/useFunctions';
import { shortId } from '../job/title';
import { Action } from '../ui/Action';
import { chipClasses } from '../ui/chip';
import { Icon } from '../ui/Icon';
import classes from './Filters.module.css';
import { type ListAddress, views } from './filter';

type Props = { address: ListAddress; onChange: (next: ListAddress) => void };

/** What the list can be narrowed by: state, function, label. An id leads to the job or the batch itself. */
export function Filters({ address, onChange }: Props) {
  const { data: functions = [] } = useFunctions();
  return (
    <div className={classes.filters}>
      <Search address={address} onChange={onChange} />
      <NativeSelect
        aria-label="Function"
        classNames={{
          input: classes.select ?? '',
          root: classes.function ?? '',
          section: classes.chevron ?? '',
        }}
        value={address.function}
        onChange={(event) => onChange({ ...address, function: event.currentTarget.value })}
        data={[
          { value: '', label: 'All functions' },
          ...functions.map(({ name, title }) => ({ value: name, label: title })),
        ]}
      />
      <Chip.Group value={address.view} onChange={(view) => onChange({ ...address, view })}>
        <div className={classes.chips} role="radiogroup" aria-label="State">
          {views.map(({ name, label }) => (
            <Chip key={name} value={name} classNames={chipClasses}>
              {label}
            </Chip>
          ))}
        </div>
      </Chip.Group>
      {address.batch ? <InBatch address={address} onChange={onChange} /> : null}
    </div>
  );
}

/** Which batch the list is narrowed to, with the way back to all jobs. */
const InBatch = ({ address, onChange }: Props) => (
  <p className={`row ${classes.batch}`}>
    <span className="soft sm">
      Of batch{' '}
      <Link className="mono xs" href={`/batches/${address.batch}`} title={address.batch}>
        {shortId(address.batch)}
      </Link>
    </span>
    <Action kind="bare" onClick={() => onChange({ ...address, batch: '' })}>
      Of any batch
    </Action>
  </p>
);

function Search({ address, onChange }: Props) {
  const [, navigate] = useLocation();
  const [text, setText] = useState(address.label);
  useEffect(() => setText(address.label), [address.label]);

  function search(event: FormEvent) {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted.startsWith('job_')) navigate(`/jobs/${encodeURIComponent(wanted)}`);
    else if (wanted.startsWith('batch_')) navigate(`/batches/${encodeURIComponent(wanted)}`);
    else onChange({ ...address, label: wanted });
  }

  return (
    <search className={classes.box}>
      <form className={classes.search} onSubmit={search}>
        <Icon name="search" />
        <input
          type="search"
          aria-label="Label or id"
          placeholder="Label or id"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            if (event.currentTarget.value === '' && address.label) onChange({ ...address, label: '' });
          }}
        />
      </form>
    </search>
  );
}
