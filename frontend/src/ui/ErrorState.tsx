import { OfflineError, ProblemError } from '../api/http';
import { Action } from './Action';
import { EmptyState } from './EmptyState';
import { ProblemLink } from './ProblemLink';

/** What a page shows when what it stands on could not be loaded. */
export function ErrorState({ error, retry, level = 2 }: { error: Error; retry: () => void; level?: 1 | 2 }) {
  const again = <Action onClick={retry}>Try now</Action>;
  if (error instanceof ProblemError) {
    const { status, title, detail, request_id } = error.problem;
    return (
      <EmptyState figure={status} title={title} level={level} action={again} requestId={request_id}>
        {detail} <ProblemLink error={error} />
      </EmptyState>
    );
  }
  return (
    <EmptyState
      figure="–"
      title={error instanceof OfflineError ? 'Out of reach' : 'Something broke on this page'}
      level={level}
      action={again}
    >
      {error instanceof OfflineError
        ? 'The server does not answer. Accepted jobs are safe, and this page catches up when it is back.'
        : 'It is our doing, not yours. Your jobs are not touched.'}
    </EmptyState>
  );
}
