import { useQueries } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { CatalogueFunction, Example } from '../api/types';
import { FormulaOfValue, plainValue } from '../functions/Formula';
import { taskPath } from '../functions/fields';
import { Count } from '../ui/Count';
import classes from './Examples.module.css';
import { estimateQuery } from './useEstimate';

type Row = { fn: CatalogueFunction; example: Example };

/** Examples of the catalogue with the size of what they give, each a link to the filled-in form. */
export function Examples({ rows }: { rows: Row[] }) {
  const sizes = useQueries({
    queries: rows.map(({ fn, example }) => ({
      ...estimateQuery({
        function: fn.name,
        args: { ...example.args },
        method: fn.methods[0]?.name ?? 'fast',
      }),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })),
  });
  if (rows.length === 0) return null;
  return (
    <section className={`section ${classes.examples}`}>
      <header>
        <h2>Worth seeing</h2>
      </header>
      <table className={classes.table}>
        <caption className="vh">Examples</caption>
        <thead className="vh">
          <tr>
            <th scope="col">Computation</th>
            <th scope="col">Size</th>
            <th scope="col">Note</th>
            <th scope="col">Action</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ fn, example }, i) => {
            const digits = sizes[i]?.data?.digits;
            return (
              <tr key={`${fn.name} ${JSON.stringify(example.args)}`}>
                <td className={classes.what}>
                  <FormulaOfValue name={fn.name} args={example.args} fn={fn} />
                </td>
                <td className={classes.size}>
                  {digits ? (
                    <>
                      <b className="num">
                        <Count digits={digits} />
                      </b>{' '}
                      <small>{digits === '1' ? 'digit' : 'digits'}</small>
                    </>
                  ) : null}
                </td>
                <td className={classes.note}>{example.note}</td>
                <td className={classes.open}>
                  <Link
                    href={taskPath(fn.name, example.args)}
                    aria-label={`Open ${plainValue(fn.notation, example.args)}`}
                  >
                    Open
                  </Link>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
