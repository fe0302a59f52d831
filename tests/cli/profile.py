"""Counts of a run arrive in LLVM's profile and in the code that is compiled for
them; symbols and line tables name a module's functions and offsets."""
import re

from harness import *

APP = """(module
  (memory 1)
  (func $often (param i32) (result i32)
    (i32.load (i32.mul (i32.rem_u (local.get 0) (i32.const 90)) (i32.const 4))))
  (func $seldom (param i32) (result i32)
    (i32.load (i32.mul (i32.rem_u (local.get 0) (i32.const 91)) (i32.const 8))))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1)
        (if (result i32) (i32.rem_u (local.get 0) (i32.const 1000))
          (then (call $often (local.get 0)))
          (else (call $seldom (local.get 0))))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "trap") (unreachable)))"""
OPTIONS = ["-O2", "--name", "app"]


def merge(name, *raw):
    must("llvm-profdata-22", "merge", *raw, "-o", SANDBOX / name)
    return SANDBOX / name


def counts(profile):
    """Those of the blocks with the module's two calls, wherever they were
    inlined, and of those around them."""
    text = must("llvm-profdata-22", "show", "--all-functions", "--counts",
                profile).decode()
    found = re.findall(r"app:\w+:\w+:\n.*\n.*\n *Block counts: \[(.*)\]", text)
    return sorted(int(count) for values in found for count in values.split(",")
                  if int(count))


def in_folder(*command, file="default.profraw", **options):
    result = run(*command, cwd=SANDBOX, env={
        **os.environ, "LLVM_PROFILE_FILE": str(SANDBOX / file)}, **options)
    return result


(SANDBOX / "app.wat").write_text(APP)
source = SANDBOX / "app.wat"
ran = in_folder(WASMETAL, "run", "--profile-generate", *OPTIONS, "--invoke",
                "run", source, "100000")
expect((ran.returncode, ran.stdout), (0, b"0\n"), "the counting program")
profile = merge("app.profdata", SANDBOX / "default.profraw")
expect(counts(profile), [1, 100, 99900], "counts")

# A trap ends the program, not the counts.
ran = in_folder(WASMETAL, "run", "--profile-generate", *OPTIONS, "--invoke",
                "trap", source, file="trap.profraw")
expect(ran.returncode, 134, "a trap's exit code")
merge("trap.profdata", SANDBOX / "trap.profraw")

# What is used shows in the code, and not in what it does.
ir = compile_to("app.ll", source, *OPTIONS, "--profile-use", profile)
expect_in("!\"function_entry_count\", i64 1", ir.read_text(), "IR")
ran = in_folder(WASMETAL, "run", "--profile-use", profile, *OPTIONS, "--invoke",
                "run", source, "100000")
expect((ran.returncode, ran.stdout), (0, b"0\n"), "the program for the counts")

# An object's host links LLVM's runtime.
compile_to("app.o", source, *OPTIONS, "--profile-generate", "--header",
           SANDBOX / "app.h")
host = SANDBOX / "host.c"
host.write_text("""#include "app.h"
int main(void) {
  wm_instance *app;
  int32_t sum;
  if (wm_instance_create(&app_module, NULL, &app, NULL) != WM_OK ||
      app_run(app, 5000, &sum) != WM_OK)
    return 1;
  wm_instance_destroy(app);
  return 0;
}
""")
must("clang-22", "-I", SANDBOX, "-I", ROOT / "runtime" / "include",
     "-fprofile-generate", host, SANDBOX / "app.o", "-o", SANDBOX / "host")
expect(in_folder(SANDBOX / "host", file="host.profraw").returncode, 0, "host")
expect(counts(merge("host.profdata", SANDBOX / "host.profraw")), [1, 5, 4995],
       "counts of a host's run")

# Refusals, and nothing left of them.
output = SANDBOX / "none"
for arguments, code, part in (
        (["--profile-use", SANDBOX / "nothing"], 1, "No such file"),
        (["--profile-use", source], 1, "bad magic"),
        (["--profile-use", SANDBOX / "default.profraw"], 1, "llvm-profdata"),
        (["--profile-use", profile, "--profile-generate"], 2, "contradict"),
        (["--emit", "so", "--profile-generate"], 2, "executable that has files"),
        (["--target", "aarch64-linux", "--profile-generate"], 1,
         "libclang_rt.profile-aarch64.a"),
        (["--target", "cortex-m4", "--profile-generate"], 2, "has files")):
    expect_failure(wasmetal(source, "-o", output, *arguments), code, part)
    expect(output.exists(), False, f"output with {arguments[0]}")

# Symbols have names; with -g, addresses have offsets in the module.
program = compile_to("app", source, "-g", "-O1", "--name", "app")
symbols = must("nm", program).decode()
address, = re.findall(r"^(\w+) t app:2:run$", symbols, flags=re.M)
line = must("llvm-symbolizer-22", f"--obj={program}", "0x" + address).decode()
expect(line.splitlines()[0], "app:2:run", "symbol")
if not re.search(r"app\.wat:[1-9]", line):
    fail(f"no offset in {line!r}")
