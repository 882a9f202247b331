/** A label as it is being typed. */
export type LabelText = { key: number; name: string; value: string };

/** What is wrong with a label, at its name or at its value. */
export type LabelProblem = { name?: string; value?: string };

/** The server takes 16; one is the sweep's own. */
export const mostLabels = 15;
const longestValue = 128;
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** What is wrong with each label, by its key. A label without name and value is none. */
export function labelProblems(labels: readonly LabelText[]): Record<number, LabelProblem> {
  const seen = new Set<string>();
  const problems: Record<number, LabelProblem> = {};
  for (const { key, name, value } of given(labels)) {
    if (!nameForm.test(name)) {
      problems[key] = {
        name: 'Up to 63 letters, digits, dots, hyphens and underscores, the first a letter or a digit.',
      };
    } else if (seen.has(name)) {
      problems[key] = { name: `There is a label ${name} already. Change this name, or remove it.` };
    } else if ([...value].length > longestValue) {
      problems[key] = { value: `Up to ${longestValue} characters.` };
    }
    seen.add(name);
  }
  return problems;
}

/** The labels as the API takes them. */
export const labelsOf = (labels: readonly LabelText[]): Record<string, string> =>
  Object.fromEntries(given(labels).map(({ name, value }) => [name, value]));

/** A text of at most as many characters as a label's value may have. */
export const asValue = (text: string) =>
  [...text].length > longestValue ? `${[...text].slice(0, longestValue - 1).join('')}…` : text;

const given = (labels: readonly LabelText[]) =>
  labels
    .map(({ key, name, value }) => ({ key, name: name.trim(), value: value.trim() }))
    .filter(({ name, value }) => name !== '' || value !== '');
