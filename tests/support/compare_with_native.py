"""Compiles one C, C++ or Rust program through wasmetal and compares standard
output and exit code with the native build of the same source.

The leading comment lines of the program direct it:
  // args: one "two words"     arguments of the program
  // env: NAME=VALUE           a variable (may be repeated)
  // dir: box                  a fresh folder, granted as /box; native runs in
                               its parent with the same relative layout
  // stdin: text\n             standard input
  // wasm: -msimd128           flags of the build of wasm from C or C++
  // exit: 134                 not compared with native: expect this code ...
  // stderr: regex             ... and this on standard error
  // options: --memory check   instead of the set in VARIANTS
"""

import pathlib
import re
import shlex
import sys

from harness import (SANDBOX, WASI_C, WASI_LIBS, WASMETAL, expect, fail,
                     fresh_folder, must, run)

LINKER = pathlib.Path(__file__).with_name("link_rust.py")
VARIANTS = ["-O2", "-O1 --memory check", "-O0 --memory mask", "-Oz",
            "-O2 --target aarch64-linux"]


def directives(source):
    found = {"env": [], "args": [""], "stdin": [""]}
    for line in source.read_text().splitlines():
        match = re.match(r"// (\w+): ?(.*)$", line)
        if match:
            values = found.setdefault(match[1], [])
            if match[1] in ("args", "stdin"):
                values.clear()
            values.append(match[2])
        elif not line.startswith("//"):
            break
    return found


def build_wasm(source, flags):
    wasm = SANDBOX / (source.stem + ".wasm")
    if source.suffix == ".c":
        must(*WASI_C, "-O2", "-g0", *flags, source, "-o", wasm, *WASI_LIBS)
    elif source.suffix == ".cpp":
        must("clang++-22", *WASI_C[1:], "-O2", "-std=c++20", "-stdlib=libc++",
             "-fno-exceptions", *flags, source, "-o", wasm, *WASI_LIBS)
    else:
        must("/usr/bin/rustc", "--edition", "2021", "-O", "-C",
             "strip=debuginfo", "-C", f"linker={LINKER}", "-C",
             "linker-flavor=wasm-ld", "--target", "wasm32-wasi", source, "-o",
             wasm)
    return wasm


def build_native(source):
    native = SANDBOX / (source.stem + ".native")
    if source.suffix == ".c":
        must("clang-22", "-O2", "-ffp-contract=off", source, "-o", native,
             "-lm")
    elif source.suffix == ".cpp":
        must("clang++-22", "-O2", "-ffp-contract=off", "-std=c++20",
             "-fno-exceptions", source, "-o", native)
    else:
        must("/usr/bin/rustc", "--edition", "2021", "-O", source, "-o", native)
    return native


def main():
    source = pathlib.Path(sys.argv[1])
    told = directives(source)
    arguments = shlex.split(told["args"][0])
    stdin = told["stdin"][0].encode().decode("unicode_escape").encode()
    env = dict(entry.split("=", 1) for entry in told["env"])
    folder = told["dir"][0] if "dir" in told else None
    wasm = build_wasm(source, shlex.split(" ".join(told.get("wasm", []))))

    native = None
    if "exit" not in told:
        if folder:
            fresh_folder(folder)
        native = run(build_native(source), *arguments, stdin=stdin, env=env)

    for options in told.get("options", VARIANTS):
        where = f"{source.name} with {options}"
        app = SANDBOX / source.stem
        grants = [part for entry in told["env"] for part in ("--env", entry)]
        if folder:
            fresh_folder(folder)
            grants += ["--dir", f"{folder}::{folder}"]
        must(WASMETAL, wasm, "-o", app, "--verify", *options.split(), *grants)
        # The guest sees what it was granted, and nothing of this variable.
        found = run(app, *arguments, stdin=stdin,
                    env={"NOT_GRANTED": "visible"})
        if native:
            expect(found.stdout, native.stdout, f"{where}: standard output")
            expect(found.returncode, native.returncode,
                   f"{where}: exit code ({found.stderr.decode()})")
            continue
        expect(found.returncode, int(told["exit"][0]),
               f"{where}: exit code ({found.stderr.decode()})")
        for pattern in told.get("stderr", []):
            if not re.search(pattern, found.stderr.decode()):
                fail(f"{where}: {pattern!r} is not in "
                     f"{found.stderr.decode()!r}")


main()
