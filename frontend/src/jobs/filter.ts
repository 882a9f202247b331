import type { JobFilter } from '../api/calls';
import type { JobState } from '../api/types';

/** The choices of states that the list offers. */
export const views: { name: string; label: string; states: JobState[] }[] = [
  { name: 'all', label: 'All', states: [] },
  { name: 'scheduled', label: 'Scheduled', states: ['scheduled'] },
  { name: 'active', label: 'Active', states: ['queued', 'running'] },
  { name: 'succeeded', label: 'Succeeded', states: ['succeeded'] },
  { name: 'failed', label: 'Failed', states: ['failed'] },
  { name: 'cancelled', label: 'Cancelled', states: ['cancelled'] },
  { name: 'expired', label: 'Expired', states: ['expired'] },
];

/** What the list shows, as it stands in the address. */
export type ListAddress = { view: string; function: string; label: string; batch: string };

/** All jobs. */
export const everything: ListAddress = { view: 'all', function: '', label: '', batch: '' };

export function fromQuery(query: string): ListAddress {
  const given = new URLSearchParams(query);
  const view = given.get('state') ?? 'all';
  return {
    view: views.some(({ name }) => name === view) ? view : 'all',
    function: given.get('function') ?? '',
    label: given.get('label') ?? '',
    batch: given.get('batch') ?? '',
  };
}

export function toPath({ view, function: fn, label, batch }: ListAddress): string {
  const query = new URLSearchParams();
  if (view !== 'all') query.set('state', view);
  if (fn) query.set('function', fn);
  if (label) query.set('label', label);
  if (batch) query.set('batch', batch);
  return query.size ? `/jobs?${query}` : '/jobs';
}

export const toFilter = ({ view, function: fn, label, batch }: ListAddress): JobFilter => ({
  states: views.find(({ name }) => name === view)?.states ?? [],
  function: fn,
  label,
  batch,
});

export const isFiltered = ({ view, function: fn, label, batch }: ListAddress) =>
  view !== 'all' || fn !== '' || label !== '' || batch !== '';
