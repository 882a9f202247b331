import classes from './Code.module.css';

/** Code that scrolls in its own box when it is wide. */
export function Code({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className={classes.box} tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  );
}
