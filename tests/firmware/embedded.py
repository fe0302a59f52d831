"""The programs of benchmarks/embedded compute what their native builds do under
each strategy, and are counted on the way."""
import csv

from firmware import *

figures = SANDBOX / "figures.csv"
must(ROOT / "benchmarks" / "embedded" / "run", "--boards", "mps2-an386",
     "--csv", figures, env={**os.environ, "WASMETAL": str(WASMETAL)})
rows = list(csv.DictReader(figures.open()))
programs = {path.stem for path in (ROOT / "benchmarks/embedded").glob("*.c")}
support = {"main", "native", "counter", "hosted"}
expect({row["program"] for row in rows}, programs - support, "programs")
for row in rows:
    # hello's native build does nothing between the marks.
    if (row["program"], row["way"]) != ("hello", "native") and \
            not 4 < int(row["instructions"]) < 100_000_000:
        fail(f"instructions in {row}")
