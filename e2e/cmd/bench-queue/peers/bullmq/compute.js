// The digits of F(n), or of F(0) + … + F(n) = F(n+2) − 1, by doubling.
export function compute({ function: name, n }) {
  return (name === "fibonacci-sum" ? fibonacci(n + 2) - 1n : fibonacci(n)).toString();
}

function fibonacci(n) {
  let a = 0n; // F(k)
  let b = 1n; // F(k+1)
  for (let bit = 31 - Math.clz32(n); bit >= 0; bit--) {
    const c = a * (2n * b - a);
    const d = a * a + b * b;
    [a, b] = (n >>> bit) & 1 ? [d, c + d] : [c, d];
  }
  return a;
}
