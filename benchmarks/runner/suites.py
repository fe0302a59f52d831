"""What there is to measure: each suite is a function from the command's options
to its programs."""

import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parents[1]
SIZES = ["MINI", "SMALL", "MEDIUM", "LARGE", "EXTRALARGE"]


@dataclasses.dataclass(frozen=True)
class Program:
    """One program and how it is built and run. `read` takes its standard output
    and standard error, and gives for each row of the report its name (none for
    the program's own), what it computed, and the seconds that it measured, or
    None where the whole process is to be timed."""
    suite: str
    name: str
    sources: tuple
    read: callable
    flags: tuple = ()
    wasm_flags: tuple = ()
    wasm_libs: tuple = ()
    arguments: tuple = ()
    stdin: pathlib.Path | None = None


def read_own(out, _):
    """What bench.h prints: a checksum and seconds, once or for each row."""
    rows = {}
    for name, computed, seconds in re.findall(
            rb"(?:row (.*)\n)?(checksum .*)\nseconds ([0-9.]+)\n", out):
        rows[name.decode()] = computed, float(seconds)
    if not rows:
        raise ValueError(f"no time in {out[-200:]!r}")
    return rows


def read_polybench(out, err):
    """What the published PolyBench prints: the time, and the arrays."""
    return {"": (err, float(out))}


def own_flags(options):
    return (f"-DSIZE={SIZES.index(options.size)}",)


def polybench(options):
    if options.polybench:
        yield from published_polybench(options)
        return
    yield from own("polybench")(options)


def published_polybench(options):
    folder = options.polybench.resolve()
    utilities = folder / "utilities"
    listed = (utilities / "benchmark_list").read_text().split()
    for name in listed:
        path = folder / name
        yield Program(
            "polybench", path.stem, (path, utilities / "polybench.c"),
            read_polybench,
            flags=("-w", "-I", str(utilities), "-I", str(path.parent),
                   "-DPOLYBENCH_TIME", "-DPOLYBENCH_DUMP_ARRAYS",
                   f"-D{options.size}_DATASET"),
            wasm_flags=("-D_WASI_EMULATED_PROCESS_CLOCKS",),
            wasm_libs=("-lwasi-emulated-process-clocks",))


def own(suite):
    """A folder of programs that print what bench.h does."""
    def programs(options):
        for path in sorted((HERE / suite).glob("*.c")):
            yield Program(suite, path.stem, (path,), read_own,
                          flags=own_flags(options))
    return programs


SUITES = {"polybench": polybench, "loops": own("loops"),
          "calls": own("calls"), "mibench": own("mibench")}
