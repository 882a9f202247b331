/** Digits in groups, five by default. The gaps are margins, so that a copied selection is digits only. */
export function Groups({ digits, size = 5 }: { digits: string; size?: number }) {
  return groupsOf(digits, size).map(({ at, text }) => <i key={at}>{text}</i>);
}

/** Splits digits into groups of `size`, each with its offset. */
export function groupsOf(digits: string, size: number): { at: number; text: string }[] {
  const groups = [];
  for (let at = 0; at < digits.length; at += size) groups.push({ at, text: digits.slice(at, at + size) });
  return groups;
}
