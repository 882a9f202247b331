import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

type Props = {
  /** The large quiet number: 0, 404, 503. */
  figure: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
  /** Of the title: 1 where it is the page's own. */
  level?: 1 | 2;
  requestId?: string | undefined;
};

/** What a page shows when it has nothing to show: a number, what is so, and one way on. */
export function EmptyState({ figure, title, children, action, level = 2, requestId }: Props) {
  const Title = level === 1 ? 'h1' : 'h2';
  return (
    <div className={classes.empty}>
      <p className={`hero ${classes.figure}`} aria-hidden="true">
        {figure}
      </p>
      <Title className={classes.title}>{title}</Title>
      <p className={classes.text}>{children}</p>
      {action ? <div className="row">{action}</div> : null}
      {requestId ? <p className="mono xs muted">Request {requestId}</p> : null}
    </div>
  );
}
