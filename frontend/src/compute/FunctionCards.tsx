import { Radio } from '@mantine/core';
import type { CatalogueFunction } from '../api/types';
import { FormulaOfDefinition } from '../functions/Formula';
import classes from './FunctionCards.module.css';

type Props = { functions: CatalogueFunction[]; chosen: string; onChoose: (name: string) => void };

/** One card a function of the catalogue; one of them is chosen. */
export function FunctionCards({ functions, chosen, onChoose }: Props) {
  return (
    <Radio.Group value={chosen} onChange={onChoose} aria-label="Function">
      <div className={classes.cards}>
        {functions.map((fn) => (
          <Radio.Card
            key={fn.name}
            value={fn.name}
            className={classes.card}
            aria-label={fn.title}
            tabIndex={fn.name === chosen ? 0 : -1}
          >
            <span className={classes.name}>{fn.title}</span>
            <span className={classes.formula} aria-hidden="true">
              <FormulaOfDefinition fn={fn} />
            </span>
            <span className={classes.summary}>{fn.summary}</span>
            <Radio.Indicator className={classes.dot} />
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
