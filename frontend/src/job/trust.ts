/** `2 × 10^27`: one in how many random errors all moduli together would miss, to one figure. */
export function chanceOfError(moduli: string[]): string {
  const product = moduli.reduce((all, modulus) => all * BigInt(modulus), 1n).toString();
  const power = [...String(product.length - 1)].map((d) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(d)]).join('');
  return `${product[0]}\u00a0×\u00a010${power}`;
}

/** A program that computes the remainders from the downloaded digits, in pieces that Python turns into numbers at once. */
export const pythonCheck = (moduli: string[]) => `# python3 check.py < digits.txt
import sys
for p in [${moduli.join(', ')}]:
    r = 0
    sys.stdin.seek(0)
    while block := sys.stdin.read(1000):
        r = (r * 10**len(block) + int(block)) % p
    print(r)`;
