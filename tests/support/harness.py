"""What the tests that drive the command share: a sandbox folder of their own
as current folder, running programs, and expectations that say both values."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WASMETAL = os.environ["WASMETAL"]
INPUTS = pathlib.Path(
    os.environ.get("WASMETAL_INPUTS", ROOT / ".cache" / "inputs"))

# Guests get nothing from the outer environment by accident, and `run` has a
# cache of its own.
_sandbox = tempfile.TemporaryDirectory(prefix="wasmetal-test-")
os.chdir(_sandbox.name)
SANDBOX = pathlib.Path(_sandbox.name)
os.environ["XDG_CACHE_HOME"] = str(SANDBOX / ".cache")
os.environ.pop("WASMETAL_DIRS", None)
os.environ.pop("WASMETAL_ENV", None)
os.environ.pop("WASMETAL_FUEL", None)

# Tests that are run for a target other than the host's find its name here.
TARGET = os.environ.get("WASMETAL_TARGET")
EMULATORS = {  # by e_machine
    183: ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
    243: ["qemu-riscv64", "-L", "/usr/riscv64-linux-gnu"]}

WASI_C = ["clang-22", "--target=wasm32-wasi", "--sysroot=/usr",
          "--no-wasm-opt", "-D_WASI_EMULATED_SIGNAL",
          "-D_WASI_EMULATED_PROCESS_CLOCKS", "-D_WASI_EMULATED_GETPID",
          "-D_WASI_EMULATED_MMAN"]
WASI_LIBS = ["-lwasi-emulated-signal", "-lwasi-emulated-process-clocks",
             "-lwasi-emulated-getpid", "-lwasi-emulated-mman"]


def fail(message):
    print("FAILED:", message)
    sys.exit(1)


def expect(found, expected, what):
    if found != expected:
        fail(f"{what}:\n  expected {expected!r}\n  found    {found!r}")


def expect_in(part, whole, what):
    if part not in whole:
        fail(f"{what}:\n  expected {part!r}\n  within   {whole!r}")


def emulator(program):
    """What runs a program that is another processor's, by its ELF header."""
    try:
        with open(program, "rb") as file:
            header = file.read(20)
    except OSError:
        return []
    machine = int.from_bytes(header[18:20], "little")
    return EMULATORS.get(machine, []) if header[:4] == b"\x7fELF" else []


def run(*command, stdin=b"", env=None, timeout=600, cwd=None):
    """Runs a command; its streams are bytes."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    command = emulator(command[0]) + list(command)
    return subprocess.run([str(part) for part in command], input=stdin,
                          capture_output=True, env=env, timeout=timeout,
                          cwd=cwd, check=False)


def must(*command, **options):
    """Runs a command that has to succeed; returns its standard output."""
    result = run(*command, **options)
    if result.returncode != 0:
        fail(f"{' '.join(str(part) for part in command)}: exit code "
             f"{result.returncode}\n{result.stdout.decode(errors='replace')}"
             f"{result.stderr.decode(errors='replace')}")
    return result.stdout


def wasmetal(*arguments, **options):
    return run(WASMETAL, *arguments, **options)


def compile_to(output, source, *options):
    """Compiles a file, or wat text, to `output`; returns its path."""
    output = SANDBOX / output
    if isinstance(source, str) and source.lstrip().startswith("("):
        text = output.with_suffix(".wat")
        text.write_text(source)
        source = text
    target = ["--target", TARGET] if TARGET else []
    must(WASMETAL, source, "-o", output, *target, *options)
    return output


def expect_failure(result, code, *parts):
    """A refusal: the exit code, one line on standard error, its parts."""
    expect(result.returncode, code, "exit code")
    text = result.stderr.decode(errors="replace")
    expect(text.count("\n"), 1, f"lines on standard error in {text!r}")
    for part in parts:
        expect_in(part, text, "message")


def expect_calls(module, levels, results, traps):
    """Calls a module's functions, under guard and check, at each level: pairs
    of a name with arguments and of a result; and those that trap out of
    bounds."""
    for strategy in ("guard", "check"):
        for level in levels:
            def invoke(name, *arguments):
                return run(WASMETAL, "run", level, "--memory", strategy,
                           "--invoke", name, module, *arguments)
            what = f"{strategy} {level}"
            for arguments, result in results:
                expect(invoke(*arguments).stdout, b"%d\n" % result,
                       f"{what} {arguments}")
            for arguments in traps:
                result = invoke(*arguments)
                expect(result.returncode, 134, f"{what} {arguments}")
                expect_in(b"out of bounds memory access", result.stderr, what)


def input_file(name):
    path = INPUTS / name
    if not path.exists():
        fail(f"{path} is missing: run scripts/fetch_inputs, or set "
             "WASMETAL_INPUTS to the folder that holds it")
    return path


def fresh_folder(name):
    path = SANDBOX / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


# wat that prints with fd_write: a data segment and its I/O vector.
HELLO = r"""(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1)
                          (i32.const 16)))))
"""
