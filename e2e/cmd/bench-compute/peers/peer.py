"""One measurement of gmpy2 or of Python's own integers.

usage: peer.py gmpy2|python FUNCTION N FILE

It computes, converts to decimal and writes the digits to FILE, then prints one line of JSON: its version, and for each phase the time
in milliseconds, elapsed and of the processor. With - for FUNCTION it only prints its version. It imports as little as it can, so that
its start-up is short.
"""

import math
import sys
import time


class NoMetadata:
    """Stands in for importlib.metadata, which gmpy2 asks for its own version alone. It makes up most of the start-up of gmpy2, and in numbers
    that take some milliseconds the unsteadiness of that would drown what is to be measured."""

    @staticmethod
    def version(_):
        return "unknown"


class GMP:
    """GMP's integers through gmpy2, each function by the library's own call where it has one."""

    def __init__(self, measured):
        if measured:
            sys.modules["importlib.metadata"] = NoMetadata
        import gmpy2

        self.gmpy2 = gmpy2
        self.one = gmpy2.mpz(1)
        self.fibonacci = gmpy2.fib
        self.factorial = gmpy2.fac

    def version(self):
        return f"gmpy2 {self.gmpy2.version()} with {self.gmpy2.mp_version()}"

    def text(self, x):
        return x.digits()


class Python:
    """Python's own integers."""

    one = 1
    factorial = staticmethod(math.factorial)

    def __init__(self, _):
        if hasattr(sys, "set_int_max_str_digits"):
            sys.set_int_max_str_digits(0)

    def version(self):
        return "Python " + sys.version.split()[0]

    def text(self, x):
        return str(x)

    def fibonacci(self, n):
        """F(n) by doubling: F(2k) = F(k)·(2·F(k+1) − F(k)), F(2k+1) = F(k)² + F(k+1)²."""
        f, g = 0, 1
        for bit in bin(n)[2:]:
            f, g = f * (2 * g - f), f * f + g * g
            if bit == "1":
                f, g = g, f + g
        return f


def compute(engine, function, n):
    if function == "fibonacci":
        return engine.fibonacci(n)
    if function == "fibonacci-sum":
        return engine.fibonacci(n + 2) - 1
    if function == "factorial":
        return engine.factorial(n)
    if function == "ackermann":  # of 3 and n
        return (engine.one << n + 3) - 3
    raise ValueError(f"no function {function}")


def write(path, text):
    """Writes piece by piece, so that no second copy of all digits counts as memory."""
    piece = 1 << 20
    with open(path, "wb") as out:
        for i in range(0, len(text), piece):
            out.write(text[i : i + piece].encode("ascii"))


def timed(work, *arguments):
    """Returns what work returns, and its time as JSON."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*arguments)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return result, f'{{"wall_ms":{wall * 1000:.3f},"cpu_ms":{cpu * 1000:.3f}}}'


def main():
    name, function, n, path = sys.argv[1:]
    engine = {"gmpy2": GMP, "python": Python}[name](function != "-")
    report = f'"version":"{engine.version()}"'
    if function != "-":
        number, computing = timed(compute, engine, function, int(n))
        text, converting = timed(engine.text, number)
        _, writing = timed(write, path, text)
        report += f',"compute":{computing},"decimal":{converting},"write":{writing}'
    print("{" + report + "}")


main()
