/* One measurement of PARI/GP, told by the environment: BENCH_FUNCTION, BENCH_N and BENCH_FILE.

It computes, converts to decimal and writes the digits to BENCH_FILE, then prints one line of JSON: its version, and for each phase the time in
milliseconds, elapsed and of the processor. With - for BENCH_FUNCTION it only prints its version. */

compute(name, n) =
{
  if (name == "fibonacci", return(fibonacci(n)));
  if (name == "fibonacci-sum", return(fibonacci(n + 2) - 1));
  if (name == "factorial", return(n!));
  if (name == "ackermann", return(shift(1, n + 3) - 3));  \\ of 3 and n
  error("no function ", name);
}

/* timed returns what work returns, and its time as JSON. */
timed(work) =
{
  my(wall, cpu, result);
  gettime(); wall = getwalltime();
  result = work();
  cpu = gettime(); wall = getwalltime() - wall;
  [result, Str("{\"wall_ms\":", wall, ",\"cpu_ms\":", cpu, "}")];
}

measure(name, n, file) =
{
  my(number, text, written);
  number = timed(() -> compute(name, n));
  text = timed(() -> Str(number[1]));
  written = timed(() -> write1(file, text[1]));
  Str(",\"compute\":", number[2], ",\"decimal\":", text[2], ",\"write\":", written[2]);
}

{
  my(phases = "", name = getenv("BENCH_FUNCTION"), release = version());
  if (name != "-", phases = measure(name, eval(getenv("BENCH_N")), getenv("BENCH_FILE")));
  print("{\"version\":\"PARI/GP ", release[1], ".", release[2], ".", release[3], "\"", phases, "}");
}
