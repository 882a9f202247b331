import type { CatalogueFunction } from '../api/types';
import { fieldsOf } from '../functions/fields';
import { formatBytes, formatCount } from '../numbers/format';
import { formatSpan } from '../numbers/time';
import { Icon } from '../ui/Icon';
import classes from './AboutFunction.module.css';

type Props = { fn: CatalogueFunction; method: CatalogueFunction['methods'][number] | undefined };

/** What the catalogue says of a function: its definition, how it is computed, how its cost grows, and its limits. */
export function AboutFunction({ fn, method }: Props) {
  const { limits } = fn;
  return (
    <section className={`section ${classes.about}`}>
      <header>
        <h2>About this function</h2>
        {fn.sequence ? (
          <a className="push sm" href={`https://oeis.org/${fn.sequence}`} rel="noreferrer">
            {fn.sequence} in the OEIS <Icon name="away" size={13} />
          </a>
        ) : null}
      </header>
      <dl className={classes.facts}>
        <div>
          <dt>Definition</dt>
          <dd>{fn.definition}</dd>
        </div>
        {fieldsOf(fn).map(({ name, title, description }) =>
          description ? (
            <div key={name}>
              <dt>{title}</dt>
              <dd>{description}</dd>
            </div>
          ) : null,
        )}
        {method ? (
          <div>
            <dt>Method</dt>
            <dd>
              {method.title}. {method.description}
            </dd>
          </div>
        ) : null}
        <div>
          <dt>Cost</dt>
          <dd>{fn.cost_formula}</dd>
        </div>
        <div>
          <dt>Limits of one job</dt>
          <dd>{limitsInWords(limits)}</dd>
        </div>
      </dl>
    </section>
  );
}

function limitsInWords({ digits, peak_bytes, cost }: CatalogueFunction['limits']) {
  const parts = [
    digits === '0' ? '' : `${formatCount(digits)} digits`,
    peak_bytes === '0' ? '' : `${formatBytes(peak_bytes)} of memory`,
    cost === '0' ? '' : `${formatSpan(Number(cost))} of computing`,
  ].filter(Boolean);
  return parts.length ? `${parts.join(', ')}.` : 'None.';
}
