import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import classes from './Note.module.css';

type Tone = 'quiet' | 'accent' | 'warn' | 'bad';
const icons: Record<Tone, IconName> = { quiet: 'info', accent: 'info', warn: 'warning', bad: 'cross' };

/** A sentence apart from the page's flow. The title says what is so, the rest what to do. */
export function Note(props: {
  tone?: Tone;
  icon?: IconName;
  title?: ReactNode;
  children?: ReactNode;
  role?: 'status' | 'alert';
}) {
  const { tone = 'quiet', icon = icons[tone], title, children, role } = props;
  return (
    <div className={`${classes.note} ${classes[tone]}`} role={role}>
      <Icon name={icon} className={classes.icon} />
      <div>
        {title ? <b>{title} </b> : null}
        {children}
      </div>
    </div>
  );
}
