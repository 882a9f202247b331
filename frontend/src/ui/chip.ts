import classes from './chip.module.css';

/** The app's look of Mantine's Chip: no tick, a tinted outline when on. */
export const chipClasses = {
  root: classes.root ?? '',
  label: classes.label ?? '',
  input: classes.input ?? '',
  iconWrapper: classes.tick ?? '',
};
