import { asPower, formatInteger } from '../numbers/format';

/** A count of any size: written out up to 10^15, then as a power of ten. */
export function Count({ digits }: { digits: string }) {
  const power = asPower(digits);
  if (!power) return formatInteger(digits);
  return (
    <>
      ≈ {power.base} × 10<sup>{power.exponent}</sup>
    </>
  );
}
