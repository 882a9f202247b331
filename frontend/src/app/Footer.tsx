import { useQuery } from '@tanstack/react-query';
import { getReadiness } from '../api/calls';
import type { Readiness } from '../api/types';
import { Icon } from '../ui/Icon';
import classes from './Footer.module.css';

/** The foot of every page: where the API is described, and whether everything behind it works. */
export const Footer = () => (
  <footer className={classes.foot}>
    <span>Numbermill</span>
    <a href="/docs">API reference</a>
    <a href="/openapi.yaml">OpenAPI</a>
    <Health />
  </footer>
);

function Health() {
  const { data, isError } = useQuery({
    queryKey: ['readiness'],
    queryFn: ({ signal }) => getReadiness({ signal }),
    refetchInterval: 30_000,
    retry: false,
  });
  if (isError || !data?.checks) return null;
  const well = data.status === 'ok';
  return (
    <span className={classes.health}>
      <Icon name={well ? 'check' : 'warning'} className={well ? 'ok' : classes.warn} />
      {well ? 'All systems working' : inWords(data)}
    </span>
  );
}

/** `Degraded: results`, naming what is not as it should be. */
function inWords({ status, checks }: Readiness) {
  const names = Object.entries(checks)
    .filter(([, check]) => check.status !== 'ok')
    .map(([name]) => name);
  return `${status === 'down' ? 'Not working' : 'Working in part'}${names.length ? `: ${names.join(', ')}` : ''}`;
}
