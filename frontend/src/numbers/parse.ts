// Reads whole numbers as the server does (shared/function/number.go), to say at once how a text was understood.
// The server decides: what is not read here is sent as it is, and the server says what is wrong with it.

const maxDigits = 1000;
const plain = /^[0-9]+(?:[ _][0-9]+)*$/;
const scaledOrPower = /^([0-9]+)([eE^])([0-9]+)$/;

/** The number as plain digits, or null if the text is no whole number or one of more than 1,000 digits. */
export function parseInteger(text: string): string | null {
  const trimmed = text.trim();
  if (plain.test(trimmed)) return canonical(trimmed.replace(/[ _]/g, ''));
  const [, base, operator, exponent] = scaledOrPower.exec(trimmed) ?? [];
  if (base === undefined || exponent === undefined) return null;
  return operator === '^' ? power(base, exponent) : scaled(base, exponent);
}

const withoutZeros = (digits: string) => digits.replace(/^0+/, '');

function canonical(digits: string) {
  const significant = withoutZeros(digits);
  return significant.length > maxDigits ? null : significant || '0';
}

function scaled(base: string, exponent: string) {
  const significant = withoutZeros(base);
  if (!significant) return '0';
  const zeros = small(exponent);
  return zeros === null || significant.length + zeros > maxDigits ? null : significant + '0'.repeat(zeros);
}

function power(base: string, exponent: string) {
  const significant = withoutZeros(base);
  if (!withoutZeros(exponent)) return '1';
  if (!significant) return '0';
  if (significant === '1') return '1';
  const times = small(exponent);
  // The size is known before anything is expanded: b^e has more than (len(b) − 1)·e digits, and 2^e more than 0.3·e.
  if (times === null || (significant.length - 1) * times > maxDigits || 0.3 * times > maxDigits) return null;
  return canonical((BigInt(significant) ** BigInt(times)).toString());
}

/** The exponent as a number, or null if it is far beyond any that could matter. */
function small(exponent: string) {
  const significant = withoutZeros(exponent);
  return significant.length > 5 ? null : Number(significant || '0');
}
