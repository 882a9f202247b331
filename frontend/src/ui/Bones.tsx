import { Skeleton } from '@mantine/core';
import classes from './Bones.module.css';

/** A bar in the place and size of what is loading. It shows after 200 ms, so that quick answers do not flicker. */
export function Bone({ width = '100%', height }: { width?: string; height: number }) {
  return <Skeleton className={classes.bone} width={width} height={height} radius={4} animate={false} />;
}

/** A stack of bars, told to screen readers as one thing that loads. */
export function Bones({ label, rows }: { label: string; rows: { width: string; height: number }[] }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className={classes.stack}>
      {rows.map((row) => (
        <Bone key={`${row.width} ${row.height}`} {...row} />
      ))}
    </div>
  );
}
