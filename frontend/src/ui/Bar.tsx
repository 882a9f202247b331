import { Progress } from '@mantine/core';
import classes from './Bar.module.css';

type Props = {
  /** 0 to 100; null where it is not known. */
  percent: number | null;
  label: string;
  /** A share of something, rather than work under way. */
  share?: boolean;
  thin?: boolean;
  /** More than there is room for. */
  over?: boolean;
};

/** A bar: of work that goes on, or of a share of a limit. */
export function Bar({ percent, label, share, thin, over }: Props) {
  const value = Math.min(100, Math.max(0, percent ?? 0));
  const reading = share
    ? { role: 'img' }
    : {
        role: 'progressbar',
        ...(percent === null
          ? { 'aria-valuenow': undefined }
          : { 'aria-valuenow': Number(value.toFixed(1)) }),
      };
  return (
    <Progress.Root className={`${classes.bar} ${thin ? classes.thin : ''}`}>
      <Progress.Section
        value={value}
        withAria={false}
        aria-label={label}
        {...(share ? {} : { 'aria-valuemin': 0, 'aria-valuemax': 100 })}
        {...reading}
        className={`${classes.fill} ${over ? classes.over : ''}`}
      />
    </Progress.Root>
  );
}
