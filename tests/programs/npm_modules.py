"""Modules from npm, which no tool chain here has made, compile to every kind
of output; those that need WASI alone also run."""
from harness import *

quickjs = input_file("quickjs.wasm")
for output in ("quickjs.o", "quickjs.so"):
    compile_to(output, quickjs, "--verify")
# An object needs nothing but what any libc has, and the functions that it
# imports.
needed = must("llvm-nm-22", "--undefined-only", "--format=just-symbols",
              "quickjs.o").decode().split()
allowed = {"memcmp", "memcpy", "memmove", "memset", "__start_wm_text",
           "__stop_wm_text"}
imports = [f"quickjs_import_a_{letter}" for letter in "bcdefghijklmnopqrst"]
expect(sorted(set(needed) - allowed), imports, "what the object needs besides")
expect_in("quickjs_module",
          must("llvm-nm-22", "--defined-only", "quickjs.o").decode(),
          "its symbols")

tools = input_file("wasm-tools.wasm")
compile_to("tools.o", tools, "-O1", "--verify")
