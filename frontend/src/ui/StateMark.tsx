import { Badge } from '@mantine/core';
import type { JobState } from '../api/types';
import { Icon, type IconName } from './Icon';
import classes from './StateMark.module.css';

type Mark = { word: string; icon: IconName; tone: 'ok' | 'accent' | 'warn' | 'bad' | 'quiet' };

/** How each state is told: by its shape and its word, never by colour alone. */
export const marks: Record<JobState, Mark> = {
  queued: { word: 'Queued', icon: 'dashed', tone: 'quiet' },
  running: { word: 'Running', icon: 'arc', tone: 'accent' },
  succeeded: { word: 'Succeeded', icon: 'check', tone: 'ok' },
  failed: { word: 'Failed', icon: 'cross', tone: 'bad' },
  cancelled: { word: 'Cancelled', icon: 'slash', tone: 'quiet' },
  expired: { word: 'Expired', icon: 'clock', tone: 'quiet' },
};

const verified: Mark = { word: 'Verified', icon: 'shield', tone: 'ok' };

/** The state in a table row. */
export function StateMark({ state }: { state: JobState }) {
  const { word, icon, tone } = marks[state];
  return (
    <span className={`${classes.mark} ${classes[`${tone}Text`]}`}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}

/** The state beside a page's title. A job that has succeeded shows that its result passed the check. */
export function StateBadge({ state }: { state: JobState }) {
  const { word, icon, tone } = state === 'succeeded' ? verified : marks[state];
  return (
    <Badge
      variant="light"
      className={`${classes.badge} ${classes[tone]}`}
      classNames={{ label: classes.label, section: classes.section }}
      leftSection={<Icon name={icon} size={14} />}
    >
      {word}
    </Badge>
  );
}
