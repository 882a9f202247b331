import type { ReactNode } from 'react';
import { ActionLink } from '../ui/Action';
import { EmptyState } from '../ui/EmptyState';

/** What stands at an address that leads nowhere. */
export function NotFound({
  title = 'No page at this address',
  children,
}: {
  title?: string;
  children?: ReactNode;
}) {
  return (
    <>
      <title>{`${title} · Numbermill`}</title>
      <EmptyState
        figure="404"
        title={title}
        level={1}
        action={<ActionLink href="/">Compute something</ActionLink>}
      >
        {children ?? 'The address may be mistyped, or the page has moved.'}
      </EmptyState>
    </>
  );
}
