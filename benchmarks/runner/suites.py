"""What there is to measure: each suite is a function from the command's options
to its programs."""

import bz2
import dataclasses
import os
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parents[1]
INPUTS = pathlib.Path(os.environ.get("WASMETAL_INPUTS",
                                     HERE.parent / ".cache/inputs"))
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
    # Whether native code is also linked to musl, which wasi-libc is made of.
    musl: bool = False


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


def embedded(options):
    """What benchmarks/embedded/run runs on microcontrollers."""
    folder = HERE / "embedded"
    for path in sorted(folder.glob("*.c")):
        if path.stem not in ("main", "native", "counter", "hosted", "hello"):
            yield Program("embedded", path.stem, (folder / "hosted.c", path),
                          read_own)


def read_whole(out, _):
    """All that a program of others prints, except times."""
    return {"": (re.sub(rb" *[0-9.]+s$", b"", out, flags=re.M), None)}


def programs(options):
    """Whole programs of others, timed as processes."""
    if not (INPUTS / "bzip2").exists():
        raise SystemExit(f"benchmarks/run: nothing at {INPUTS / 'bzip2'}: run "
                         "scripts/fetch_inputs, or set WASMETAL_INPUTS")
    wasi = ("-D_WASI_EMULATED_SIGNAL", "-D_WASI_EMULATED_PROCESS_CLOCKS",
            "-D_WASI_EMULATED_GETPID")
    libs = ("-lwasi-emulated-signal", "-lwasi-emulated-process-clocks",
            "-lwasi-emulated-getpid")
    size = SIZES.index(options.size)
    source = INPUTS / "bzip2"
    manual = (source / "manual.ps").read_bytes()
    text = (manual * 40)[:(50_000, 400_000, 6 * len(manual), 20 * len(manual),
                           40 * len(manual))[size]]
    for name, content, argument in (("bzip2", text, "-9c"),
                                    ("bunzip2", bz2.compress(text), "-dc")):
        stdin = options.build / f"{name}-{options.size}.input"
        stdin.write_bytes(content)
        yield Program(
            "programs", name,
            tuple(source / f"{part}.c" for part in (
                "bzip2", "blocksort", "huffman", "crctable", "randtable",
                "compress", "decompress", "bzlib")),
            read_whole, flags=("-w",),
            wasm_flags=(*wasi, "-Dfchmod(a,b)=0", "-Dfchown(a,b,c)=0"),
            wasm_libs=libs, arguments=(argument,), stdin=stdin, musl=True)
    source = INPUTS / "sqlite3"
    yield Program(
        "programs", "sqlite3",
        (source / "speedtest1.c", source / "sqlite3.c"), read_whole,
        flags=("-w", "-I", str(source), "-DSQLITE_THREADSAFE=0",
               "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_OMIT_WAL",
               "-include", str(HERE.parent / "tests/support/sqlite3_wasi.h")),
        wasm_flags=wasi, wasm_libs=libs,
        arguments=("--memdb", "--size", str((1, 5, 60, 120, 240)[size])),
        musl=True)


SUITES = {"polybench": polybench, "loops": own("loops"),
          "calls": own("calls"), "mibench": own("mibench"),
          "embedded": embedded, "programs": programs}
