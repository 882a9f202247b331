import { SegmentedControl, type SegmentedControlProps } from '@mantine/core';
import classes from './Segments.module.css';

type Props = Omit<SegmentedControlProps, 'classNames' | 'size'> & { small?: boolean };

/** One of a few choices, side by side. */
export function Segments({ small, className, ...rest }: Props) {
  return (
    <SegmentedControl
      {...rest}
      className={`${small ? classes.small : ''} ${className ?? ''}`}
      classNames={{
        root: classes.root ?? '',
        control: classes.control ?? '',
        label: classes.label ?? '',
        indicator: classes.indicator ?? '',
      }}
    />
  );
}
