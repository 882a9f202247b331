import { ProblemError } from '../api/http';

/** Leads to the page that explains an error of the server; nothing for other errors. */
export function ProblemLink({ error, className }: { error: Error; className?: string }) {
  const page = error instanceof ProblemError ? error.page : null;
  if (!page) return null;
  return (
    <a href={page} className={className}>
      What this means
    </a>
  );
}
