"""Builds each program in every way, compares what the ways compute, and times
those that agree, in turns; or counts their instructions, once."""

import dataclasses
import pathlib
import sys
import tempfile

from . import build, count


@dataclasses.dataclass
class Way:
    """A program built in one way: its label, the engine and the form of wasm
    that it is of, and what came of building it."""
    label: str
    engine: str
    form: str
    command: list | None = None
    cost: build.Cost | None = None
    error: str | None = None


@dataclasses.dataclass
class Cell:
    """One row of the report in one way."""
    way: Way
    error: str | None = None
    # Seconds, or instructions.
    amounts: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Result:
    program: object
    name: str
    cells: list
    # Why there is nothing of w64, if it was asked for.
    left_out: str | None


class Progress:
    """One line on standard error that is written over, if it is a terminal."""

    def __init__(self, count):
        self.count = count
        self.done = 0
        self.shown = sys.stderr.isatty()

    def show(self, text):
        if self.shown:
            sys.stderr.write(f"\r\033[K[{self.done}/{self.count}] {text}")
            sys.stderr.flush()

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\033[K")


def ways(options, musl, forms):
    """Label, engine, form and builder of each way; the base comes first."""
    for kind in build.NATIVE:
        yield kind, kind, "", lambda program, _, kind=kind: (
            [build.native(options, program, kind)], None)
    if musl:
        yield "native-musl", "native-musl", "", lambda program, _: (
            [build.native_musl(options, program)], None)
    for form in forms:
        for strategy in options.strategies:
            for traps in options.traps:
                engine = strategy if traps == "exact" else f"{strategy} relaxed"
                yield f"{engine} {form}", engine, form, (
                    lambda program, output, form=form, strategy=strategy,
                    traps=traps: build.wasmetal(
                        options, build.wasm(options, program, form), strategy,
                        traps, output))
        for name, peer in options.peers.items():
            yield f"{name} {form}", name, form, (
                lambda program, output, form=form, peer=peer: peer.prepare(
                    options, build.wasm(options, program, form), output))


def run_once(program, way, counter):
    """For each row, what the program computed, and the seconds or instructions
    that it took."""
    command = counter.command(*way.command) if counter else way.command
    stdin = open(program.stdin, "rb") if program.stdin else None
    try:
        code, out, err, whole, _ = build.execute(
            [*command, *program.arguments], stdin=stdin)
    finally:
        if stdin:
            stdin.close()
    if code != 0:
        lines = err.decode(errors="replace").strip().splitlines()
        raise ValueError(f"exit code {code}: {lines[-1] if lines else ''}")
    rows = program.read(out, err)
    if counter:
        return {row: (computed, instructions) for (row, (computed, _)),
                instructions in zip(rows.items(), counter.read(), strict=True)}
    return {row: (computed, whole if seconds is None else seconds)
            for row, (computed, seconds) in rows.items()}


def compare(way, computed, expected):
    """What is wrong with a row, if anything."""
    if way.error:
        return way.error
    # Contracted, the base itself computes something else.
    if computed == expected or way.engine == "native-contract":
        return None
    return f"computed {computed[-60:]!r}, native {expected[-60:]!r}"


def measure_program(program, options, folder, progress, counter):
    rows = None
    cells = {}
    found = []
    forms, left_out = build.forms(options, program)
    for index, (label, engine, form, builder) in enumerate(
            ways(options, program.musl, forms)):
        way = Way(label, engine, form)
        found.append(way)
        computed = {}
        try:
            progress.show(f"{program.name}: building {label}")
            way.command, way.cost = builder(program, folder / str(index))
            progress.show(f"{program.name}: comparing {label}")
            computed = run_once(program, way, counter)
        except (build.BuildError, ValueError) as error:
            way.error = str(error)
        if rows is None:
            if way.error:
                raise SystemExit(
                    f"benchmarks/run: {program.name}, native: {way.error}")
            rows = computed
        for row, (expected, _) in rows.items():
            value, amount = computed.get(row, (b"nothing", 0))
            # The first run of several is to compare, and to warm up.
            cells[row, label] = Cell(way, compare(way, value, expected),
                                     [amount] if counter else [])
    results = [Result(program, row or program.name,
                      [cells[row, way.label] for way in found], left_out)
               for row in rows]
    if counter:
        return results
    good = [way for way in found if not way.error]
    for turn in range(options.runs):
        progress.show(f"{program.name}: run {turn + 1} of {options.runs}")
        # Each turn begins elsewhere: nobody always follows the same one.
        first = turn % len(good)
        for way in good[first:] + good[:first]:
            try:
                computed = run_once(program, way, counter)
            except ValueError as error:
                computed = {}
                way.error = str(error)
            for row, (expected, _) in rows.items():
                cell = cells[row, way.label]
                value, amount = computed.get(row, (b"nothing", 0))
                cell.error = cell.error or compare(way, value, expected)
                cell.amounts.append(amount)
    return results


def measure(programs, options):
    progress = Progress(len(programs))
    counter = count.Counter(options) if options.count else None
    results = []
    for program in programs:
        with tempfile.TemporaryDirectory(dir=options.build) as folder:
            results += measure_program(program, options, pathlib.Path(folder),
                                       progress, counter)
        progress.done += 1
    progress.clear()
    return results
