"""Instructions instead of time: programs run in QEMU, whose plugin says how many
there have been whenever a program looks at the clock. Exact whatever else the
machine does, and for processors that it does not have; but instructions are not
cycles."""

import pathlib
import re
import subprocess

from . import build

PLUGIN = pathlib.Path(__file__).resolve().parents[1] / "embedded/counter.c"
# How bench.h asks for the time, natively and by way of WASI.
CLOCK = re.compile(r"^(\w+) \w (?:clock_gettime|wm_wasi_clock_time_get)$", re.M)


class Counter:
    def __init__(self, options):
        self.emulator = "qemu-" + options.target.partition("-")[0]
        self.plugin = options.build / "libcounter.so"
        self.counts = options.build / "counts"
        build.must([build.CLANG, "-O2", "-shared", "-fPIC", PLUGIN, "-o",
                    self.plugin])

    def command(self, executable):
        symbols = subprocess.run(["llvm-nm-22", executable], check=True,
                                 capture_output=True, text=True).stdout
        clock = CLOCK.search(symbols)
        if not clock:
            raise ValueError(f"{executable} never looks at the clock")
        return [self.emulator, "-plugin",
                f"{self.plugin},at=0x{clock[1]},out={self.counts}", executable]

    def read(self):
        """Of each row, in its order, the instructions between start() and
        stop()."""
        marks = [int(line.split()[1])
                 for line in self.counts.read_text().splitlines()]
        return [stop - start for start, stop in zip(marks[::2], marks[1::2])]
