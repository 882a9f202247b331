import { Badge } from '@mantine/core';
import type { JobState } from '../api/types';
import { Icon, type IconName } from './Icon';
import classes from './StateMark.module.css';

export type Mark = { word: string; icon: IconName; tone: 'ok' | 'accent' | 'warn' | 'bad' | 'quiet' };

/** How each state is told: by its shape and its word, never by colour alone. */
export const marks: Record<JobState, Mark> = {
  scheduled: { word: 'Scheduled', icon: 'clock', tone: 'quiet' },
  queued: { word: 'Queued', icon: 'dashed', tone: 'quiet' },
  running: { word: 'Running', icon: 'arc', tone: 'accent' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'ok' },
  failed: { word: 'Failed', icon: 'cross', tone: 'bad' },
  cancelled: { word: 'Cancelled', icon: 'slash', tone: 'quiet' },
  expired: { word: 'Expired', icon: 'hourglass', tone: 'quiet' },
};

const cancelling: Mark = { word: 'Cancelling', icon: 'arc', tone: 'quiet' };
const verified: Mark = { word: 'Verified', icon: 'shield', tone: 'ok' };

/** The state in a table row. */
export const StateMark = ({ state }: { state: JobState }) => <WordMark mark={marks[state]} />;

/** A word with its shape and tone in a table row. */
export const WordMark = ({ mark: { word, icon, tone } }: { mark: Mark }) => (
  <span className={`${classes.mark} ${classes[`${tone}Text`]}`}>
    <Icon name={icon} size={14} />
    {word}
  </span>
);

/**
 * The state beside a page's title. A job that has succeeded shows that its result passed the check; one whose cancel is on its way
 * shows that.
 */
export function StateBadge({ state, leaving = false }: { state: JobState; leaving?: boolean }) {
  if (leaving) return <WordBadge mark={cancelling} />;
  return <WordBadge mark={state === 'succeeded' ? verified : marks[state]} />;
}

/** A word with its shape and tone. */
export const WordBadge = ({ mark: { word, icon, tone } }: { mark: Mark }) => (
  <Badge
    variant="light"
    className={`${classes.badge} ${classes[tone]}`}
    classNames={{ label: classes.label, section: classes.section }}
    leftSection={<Icon name={icon} size={14} />}
  >
    {word}
  </Badge>
);
