"""Write facts.csv, the facts about values that nobody can write down, for the tests of this package to compare with.

Run in this folder: python3 make_facts.py (needs gmpy2 from PyPI, and gp of PARI). It shares nothing with the Go code: first digits and counts are from
MPFR's logarithms to 8,000 bits or more, last digits from Python's own powers, of factorials from PARI's 5-adic gamma function.
"""

import csv
import functools
import hashlib
import itertools
import random
import subprocess
import sys

import gmpy2
from gmpy2 import mpfr, mpz

PRECISION = 8000
gmpy2.get_context().precision = PRECISION
random.seed(20240229)
sys.setrecursionlimit(5000)

MODULI = [998244353, 10**9 + 7, 2**61 - 1]
TAIL = 10**1000
LOG10_PHI = gmpy2.log10((1 + gmpy2.sqrt(mpfr(5))) / 2)
LOG10_SQRT5 = gmpy2.log10(mpfr(5)) / 2
LOG10_2 = gmpy2.log10(mpfr(2))


def short(text):
    """The text itself, or if it is long its digest."""
    return text if len(text) <= 60 else "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def head(log):
    """The number of digits and the first 50 of the number with that decimal logarithm."""
    whole = gmpy2.floor(log)
    first = 10 ** (log - whole + 49)
    low = gmpy2.floor(first)
    assert gmpy2.mpfr("1e-60") < first - low < 1 - gmpy2.mpfr("1e-60")
    return gmpy2.digits(mpz(whole) + 1), gmpy2.digits(mpz(low))


def matrix(n, m):
    """F(n) mod m, by powers of a matrix."""

    def times(x, y):
        return tuple(v % m for v in (x[0] * y[0] + x[1] * y[2], x[0] * y[1] + x[1] * y[3], x[2] * y[0] + x[3] * y[2], x[2] * y[1] + x[3] * y[3]))

    result, power = (1, 0, 0, 1), (1, 1, 1, 0)
    while n:
        if n & 1:
            result = times(result, power)
        power = times(power, power)
        n >>= 1
    return result[1] % m


def fibonacci_row(name, n, ahead, less):
    n_ahead = n + ahead
    digits, leading = head(n_ahead * LOG10_PHI - LOG10_SQRT5)
    end = str((matrix(n_ahead, TAIL) - less) % TAIL).zfill(1000)
    return [name, f"n={n}", digits, "", leading, end, "0", "", *((matrix(n_ahead, m) - less) % m for m in MODULI)]


def before_zeros(n, zeros):
    """The last 20 digits of n! before its zeros, by the 5-adic gamma function."""
    program = f"u = 1 + O(5^24); q = {n}; while(q > 0, u *= (-1)^(q + 1) * gamma(q + 1 + O(5^24)); q \\= 5);"
    program += f"print(lift(Mod(lift(u), 5^20) / Mod(2, 5^20)^({zeros} + 20)) * 2^20)\n"
    out = subprocess.run(["gp", "-q", "-f"], input=program, capture_output=True, text=True, check=True).stdout
    return out.strip().zfill(20)


def factorial_row(n):
    with gmpy2.context(gmpy2.get_context(), precision=n.bit_length() + 500):
        value = gmpy2.lgamma(mpfr(n + 1))
        digits, leading = head((value[0] if isinstance(value, tuple) else value) / gmpy2.log(mpfr(10)))
    zeros, q = 0, n // 5
    while q:
        zeros, q = zeros + q, q // 5
    residues = []
    whole = gmpy2.fac(n) if n <= 10**6 else None
    for m in MODULI:
        if n >= m:
            residues.append(0)
        elif whole is not None:
            residues.append(whole % m)
        else:
            residues.append("")
    return ["factorial", f"n={n}", digits, "", leading, before_zeros(n, zeros), zeros, "", *residues]


def power_row(n):
    k = n + 3
    digits, leading = head(k * LOG10_2)
    return ["ackermann", f"m=3 n={n}", digits, "", leading, str((pow(2, k, TAIL) - 3) % TAIL).zfill(1000), "0", "", *((pow(2, k, m) - 3) % m for m in MODULI)]


def phi(m):
    result, left = m, m
    for p in itertools.chain((2, 5), range(3, 10**6, 2)):
        if left % p == 0:
            result = result // p * (p - 1)
            while left % p == 0:
                left //= p
        if left == 1 or gmpy2.is_prime(left):
            break
    return result // left * (left - 1) if left > 1 else result


@functools.cache
def tower(h, m):
    """A number that is the tower of height h modulo m, and at least as large as log2 m if the tower is."""
    if h <= 4:
        x = [1, 2, 4, 16, 65536][h]
        return x if x < m else x % m + m
    if m == 1:
        return 1
    return pow(2, tower(h - 1, phi(m)), m) + m


def shared(h):
    """How many of 1,000 last digits the tower of height h shares with the next three."""
    ends = [str(tower(x, TAIL) % TAIL).zfill(1000) for x in range(h, h + 4)]
    count = 0
    while count < 1000 and len({end[999 - count] for end in ends}) == 1:
        count += 1
    return count


def tower_row(m, n, h):
    digits = digits_of_digits = leading = ""
    with gmpy2.context(gmpy2.get_context(), precision=70000):
        log10_2 = gmpy2.log10(mpfr(2))
        if h == 6:
            digits, leading = head(mpz(2) ** 65536 * log10_2)
        if h == 7:
            digits_of_digits, _ = head(mpz(2) ** 65536 * log10_2 + gmpy2.log10(log10_2))
    end = str((tower(h, TAIL) - 3) % TAIL).zfill(1000)
    return ["ackermann", f"m={m} n={n}", digits, digits_of_digits, leading, end, "0", shared(h), *((tower(h, p) - 3) % p for p in MODULI)]


def rows():
    for n in [10**5 + 1, 10**6, 10**18, 10**18 + 1, 10**100 + 7, 10**999, 10**1000 - 1, *(random.randrange(10**k) for k in (5, 6, 7, 8, 9, 10, 12, 14, 16, 19, 20, 30, 40, 50, 70, 100, 150, 200, 300, 400, 500, 600, 900))]:
        yield fibonacci_row("fibonacci", n, 0, 0)
        yield fibonacci_row("fibonacci-sum", n, 2, 1)
        yield power_row(n)
    for n in [450, 777, 1000, 1001, 20000, 123456, 10**6, 10**9, 10**15, 5**20 - 1, 5**20, 10**18, 2**61 - 1, 10**40, 10**300, 10**996]:
        yield factorial_row(n)
    for m, n, h in [(4, 3, 6), (4, 4, 7), (4, 5, 8), (4, 17, 20), (5, 1, 1100), (5, 2, 1100), (6, 0, 1100), (6, 6, 1100), (10**999, 10**999, 1100)]:
        yield tower_row(m, n, h)


with open("facts.csv", "w", newline="") as out:
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["function", "args", "digits", "digits_of_digits", "leading", "trailing", "zeros", "stable", *(f"mod {m}" for m in MODULI)])
    for row in rows():
        table.writerow([short(str(field)) if i > 1 else field for i, field in enumerate(row)])
