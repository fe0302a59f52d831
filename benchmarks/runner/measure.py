"""Builds each program in every way, compares what the ways compute, and times
those that agree, in turns."""

import dataclasses
import sys
import tempfile
import pathlib

from . import build


@dataclasses.dataclass
class Cell:
    """One program in one way: its label, the engine and the form of wasm that
    it is of, and what came of it."""
    label: str
    engine: str
    form: str
    command: list | None = None
    cost: build.Cost | None = None
    error: str | None = None
    seconds: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Result:
    program: object
    cells: list


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


def ways(options):
    """Label, engine, form and builder of each way; the base comes first."""
    for kind in build.NATIVE:
        yield kind, kind, "", lambda program, _, kind=kind: (
            [build.native(options, program, kind)], None)
    for form in options.forms:
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


def run_once(program, cell):
    """What the program computed, and its seconds."""
    stdin = open(program.stdin, "rb") if program.stdin else None
    try:
        code, out, err, seconds, _ = build.execute(
            [*cell.command, *program.arguments], stdin=stdin)
    finally:
        if stdin:
            stdin.close()
    if code != 0:
        lines = err.decode(errors="replace").strip().splitlines()
        raise ValueError(f"exit code {code}: {lines[-1] if lines else ''}")
    computed, own = program.read(out, err)
    return computed, seconds if own is None else own


def measure_program(program, options, folder, progress):
    cells = []
    expected = None
    for index, (label, engine, form, builder) in enumerate(ways(options)):
        cell = Cell(label, engine, form)
        cells.append(cell)
        progress.show(f"{program.name}: building {label}")
        try:
            cell.command, cell.cost = builder(program, folder / str(index))
            progress.show(f"{program.name}: comparing {label}")
            computed, _ = run_once(program, cell)
            if expected is None:
                expected = computed
            # Contracted, the base itself computes something else.
            if computed != expected and engine != "native-contract":
                cell.error = (f"computed {computed[-60:]!r}, native "
                              f"{expected[-60:]!r}")
        except (build.BuildError, ValueError) as error:
            cell.error = str(error)
            if expected is None:
                raise SystemExit(
                    f"benchmarks/run: {program.name}, native: {error}")
    good = [cell for cell in cells if not cell.error]
    for turn in range(options.runs):
        progress.show(f"{program.name}: run {turn + 1} of {options.runs}")
        # Each turn begins elsewhere: nobody always follows the same one.
        first = turn % len(good)
        for cell in good[first:] + good[:first]:
            try:
                computed, seconds = run_once(program, cell)
                cell.seconds.append(seconds)
            except ValueError as error:
                cell.error = str(error)
    return Result(program, cells)


def measure(programs, options):
    progress = Progress(len(programs))
    results = []
    for program in programs:
        with tempfile.TemporaryDirectory(dir=options.build) as folder:
            results.append(measure_program(program, options,
                                           pathlib.Path(folder), progress))
        progress.done += 1
    progress.clear()
    return results
