#!/usr/bin/env python3
"""wasm-ld for Debian's rustc: LLD 22 refuses archives with a member that is
no object, and rustc 1.63 keeps its metadata in one. Links copies without."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    command = ["wasm-ld-22"]
    arguments = sys.argv[1:]
    if arguments[:1] == ["-flavor"]:
        arguments = arguments[2:]
    for argument in arguments:
        if argument.endswith(".rlib"):
            copy = pathlib.Path(folder) / pathlib.Path(argument).name
            shutil.copyfile(argument, copy)
            subprocess.run(["llvm-ar-22", "d", copy, "lib.rmeta"], check=True)
            argument = str(copy)
        command.append(argument)
    sys.exit(subprocess.run(command, check=False).returncode)
