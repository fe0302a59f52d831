"""Compiling programs that host modules."""

from harness import *

INCLUDE = ROOT / "runtime" / "include"
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-O1", "-g"]
# The host's own compilers, or those that compile for another target.
CROSS = {"aarch64-linux": "aarch64-linux-gnu-",
         "riscv64-linux": "riscv64-linux-gnu-"}.get(TARGET, "")


def compile_module(name, source, *options, suffix=".o"):
    """A module as an object (or a library) and its header, by these names."""
    return compile_to(name + suffix, source, "--name", name, "--header",
                      SANDBOX / f"{name}.h", *options)


def c_host(name, source, *arguments, compiler="gcc", standard="c11"):
    """A host program in C; returns its path."""
    path = SANDBOX / f"{name}.c"
    path.write_text(source)
    must(CROSS + compiler, f"-std={standard}", *STRICT, "-I", INCLUDE, path,
         *arguments, "-o", SANDBOX / name)
    return SANDBOX / name


def cpp_host(name, source, *arguments, compiler="g++", standard="c++17"):
    path = SANDBOX / f"{name}.cpp"
    path.write_text(source)
    must(CROSS + compiler, f"-std={standard}", *STRICT, "-I", INCLUDE, path,
         *arguments, "-o", SANDBOX / name)
    return SANDBOX / name


# What the documents' host programs begin with.
PREAMBLE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Ends the test with the line of what did not hold.
#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                \
      exit(1);                                                               \
    }                                                                        \
  } while (0)
"""
