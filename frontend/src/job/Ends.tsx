import type { NumberSummary } from '../api/types';
import { formatInteger } from '../numbers/format';
import { Groups } from '../ui/Groups';
import classes from './Ends.module.css';

/** Whether both ends together are the whole number, so that there is nothing more to explore. */
export const isWhole = ({ digits, leading, trailing }: NumberSummary) =>
  BigInt(digits) <= BigInt(leading.length + trailing.length);

/** The first and the last digits in large type; a number of up to 40 digits as a whole. */
export function Ends({ result }: { result: NumberSummary }) {
  const { digits, leading, trailing } = result;
  const between = BigInt(digits) - BigInt(leading.length + trailing.length);
  if (isWhole(result)) {
    const whole = leading + trailing.slice(trailing.length - (Number(digits) - leading.length));
    return (
      <section className={`panel ${classes.ends}`} aria-label="The number">
        <div className={classes.end}>
          <span className="label">The number</span>
          <p className={`digits ${classes.digits} ${classes.whole}`} translate="no">
            <Groups digits={whole} />
          </p>
        </div>
      </section>
    );
  }
  return (
    <section className={`panel ${classes.ends}`} aria-label="First and last digits">
      <div className={classes.end}>
        <span className="label">First {leading.length} digits</span>
        <p className={`digits ${classes.digits}`} translate="no">
          <Groups digits={leading} />
        </p>
      </div>
      <p className={classes.gap}>
        <span className="num">{formatInteger(between.toString())}</span> {between === 1n ? 'digit' : 'digits'}{' '}
        between
      </p>
      <div className={`${classes.end} ${classes.last}`}>
        <span className="label">Last {trailing.length} digits</span>
        <p className={`digits ${classes.digits}`} translate="no">
          <Groups digits={trailing} />
        </p>
      </div>
    </section>
  );
}
