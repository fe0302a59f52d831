"""From a program's sources to something that runs, natively and by way of
WebAssembly, and what compiling the module cost."""

import dataclasses
import hashlib
import os
import pathlib
import re
import subprocess
import tempfile
import time

CLANG = "clang-22"
HERE = pathlib.Path(__file__).resolve().parent
WASM32 = ["--target=wasm32-wasi", "--sysroot=/usr"]
# For 64-bit memories there is no wasi-libc. musl's headers fit: long has 64
# bits there as well.
WASM64 = ["--target=wasm64", "-nostdlib", "-isystem",
          "/usr/include/x86_64-linux-musl", HERE / "libc_for_wasm64.c"]
FORMS = {
    "w3": [*WASM32, "-O3"],
    "w2n": [*WASM32, "-O2", "-fno-unroll-loops", "-fno-vectorize",
            "-fno-slp-vectorize"],
    "ws": [*WASM32, "-O3", "-msimd128"],
    "w64": [*WASM64, "-O3"],
}
# What clang calls targets, and how it is told the processor.
TARGETS = {"x86_64-linux": ("x86_64-linux-gnu", "-march"),
           "aarch64-linux": ("aarch64-linux-gnu", "-mcpu")}
# Wasm has no fused multiply-add: only without contraction does native code
# compute the same.
NATIVE = {"native": ["-ffp-contract=off"], "native-contract": []}


class BuildError(Exception):
    """A compiler's refusal; its text is what it said."""


@dataclasses.dataclass
class Cost:
    """What compiling a module took: seconds, peak memory in KiB, and bytes of
    machine code, where each is known; and what became of the loops of each
    function."""
    seconds: float
    peak: int
    text: int | None = None
    loops: dict[str, list[str]] = dataclasses.field(default_factory=dict)


def execute(command, **options):
    """Runs a command; returns its exit code, output, errors, seconds and peak
    memory in KiB, all of it without its children's buffers in between."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=out,
                                   stderr=err, **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return (process.returncode, out.read(), err.read(), seconds,
                usage.ru_maxrss)


def complaint(code, out, err):
    """Why a command failed: its first error. What follows is the consequence,
    or a summary."""
    lines = (err or out).decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if "error: " in line.lower()]
    return (errors or lines[-1:] or [f"exit code {code}"])[0]


def must(command, **options):
    """Runs a compiler; returns seconds, peak memory and what it said."""
    code, out, err, seconds, peak = execute(command, **options)
    if code != 0:
        raise BuildError(complaint(code, out, err))
    return seconds, peak, err


def compiled(options, program, command, suffix):
    """What clang makes of a program, kept under a name that changes with all
    that goes into it."""
    digest = hashlib.sha256(" ".join(map(str, command)).encode())
    parts = {part for part in command if isinstance(part, pathlib.Path)}
    for source in program.sources:
        for pattern in ("*.h", "../*.h"):
            parts.update(pathlib.Path(source).parent.glob(pattern))
    for part in sorted(parts):
        digest.update(pathlib.Path(part).read_bytes())
    output = options.build / (f"{program.suite}-{program.name}-"
                              f"{digest.hexdigest()[:16]}{suffix}")
    if not output.exists():
        # Under another name until it is whole.
        half = output.with_name(f"{output.name}.{os.getpid()}")
        must([*command, "-o", half])
        half.rename(output)
    return output


def counted(options):
    """Once, and with the clock in the executable."""
    return ["-DCOUNTED"] if options.count else []


def native(options, program, kind):
    triple, cpu = TARGETS[options.target]
    static = ["-static"] if options.count else []
    return compiled(
        options, program,
        [CLANG, f"--target={triple}", "-O3", f"{cpu}={options.cpu}", *static,
         *NATIVE[kind], *counted(options), *program.flags, *program.sources,
         "-lm"], "")


def native_musl(options, program):
    """Against the libc that wasi-libc is made of, so that what is left is
    wasm's doing, not the library's."""
    libc = pathlib.Path("/usr/lib/x86_64-linux-musl")
    builtins = subprocess.run([CLANG, "--print-libgcc-file-name"],
                              capture_output=True, text=True, check=True)
    return compiled(
        options, program,
        [CLANG, "--target=x86_64-linux-musl", "-O3", f"-march={options.cpu}",
         *NATIVE["native"], "-static", "-nostdlibinc", "-nostdlib",
         "-isystem", "/usr/include/x86_64-linux-musl", libc / "crt1.o",
         libc / "crti.o", *program.flags, *program.sources, f"-L{libc}", "-lm",
         "-lc", builtins.stdout.strip(), libc / "crtn.o"], "")


def wasm(options, program, form):
    return compiled(
        options, program,
        [CLANG, *FORMS[form], "--no-wasm-opt", "-Wl,-z,stack-size=1048576",
         *counted(options), *program.flags, *program.wasm_flags,
         *program.sources, *program.wasm_libs], ".wasm")


def forms(options, program):
    """Those that the program is measured in: without --forms, memories of 64
    bits are for loops only. And why it is left out of w64, if the C library
    there lacks what it needs."""
    found = options.forms or [form for form in FORMS
                              if form != "w64" or program.suite == "loops"]
    if "w64" in found:
        try:
            wasm(options, program, "w64")
        except BuildError as error:
            return [form for form in found if form != "w64"], str(error)
    return found, None


def text_size(path):
    """Bytes of machine code in an ELF file."""
    listing = subprocess.run(["llvm-size-22", "-A", str(path)],
                             capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        if line.startswith(".text "):
            return int(line.split()[1])
    return None


def loops_of(remarks):
    """What --remarks says of loops in the end, by function."""
    places = {}
    for name, place, what in re.findall(
            r"^wasmetal: \d+:(.*) at (0x\w+, depth \d+): (.*)$",
            remarks.decode(errors="replace"), re.M):
        places[name, place] = what
    loops = {}
    for (name, _), what in places.items():
        loops.setdefault(name, []).append(what)
    return loops


def wasmetal(options, module, strategy, traps, output):
    seconds, peak, said = must([options.wasmetal, module, "-o", output,
                                "--target", options.target,
                                f"-O{options.level}", "--cpu", options.cpu,
                                "--memory", strategy, "--traps", traps,
                                "--remarks", *options.option])
    return [output], Cost(seconds, peak, text_size(output), loops_of(said))
