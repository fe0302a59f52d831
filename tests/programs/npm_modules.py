"""Modules from npm, which no tool chain here has made, compile to every kind
of output; those that need WASI alone also run."""
from harness import *

quickjs = input_file("quickjs.wasm")
for output in ("quickjs.o", "quickjs.so"):
    compile_to(output, quickjs, "--verify")
symbols = must("llvm-nm-22", "--undefined-only", "quickjs.o").decode()
expect_in("env", symbols, "imports that the host has to supply")

tools = input_file("wasm-tools.wasm")
compile_to("tools.o", tools, "-O1", "--verify")
