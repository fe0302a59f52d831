"""Wrong usage ends with 2 and one line; help and version with 0."""
from harness import *

(SANDBOX / "app.wat").write_text(HELLO)

for arguments, part in [
    ([], "no input file"),
    (["app.wat"], "no output file: name it with -o"),
    (["app.wat", "-o", "app.wat"], "input and output are the same file"),
    (["app.wat", "more.wat", "-o", "app"], "more.wat"),
    (["app.wat", "-o", "app", "--frobnicate"], "--frobnicate"),
    (["app.wat", "-o", "app", "-O4"], "{0,1,2,3,s,z}"),
    (["app.wat", "-o", "app", "--target", "frob"], "x86_64-linux"),
    (["app.wat", "-o", "app", "--cpu", "frob"], "unknown processor 'frob'"),
    (["app.wat", "-o", "app", "--cpu", "i386"], "unknown processor 'i386'"),
    (["app.wat", "-o", "app", "--memory", "frob"], "{guard,check,mask,none,mpu}"),
    (["app.wat", "-o", "app", "--traps", "frob"], "{exact,relaxed}"),
    (["app.wat", "-o", "app", "--emit", "frob"], "{exe,o,so,bc,ll,s}"),
    (["app.wat", "-o", "app", "--max-memory", "64X"], "found '64X'"),
    (["app.wat", "-o", "app", "--max-memory", "-1"], "--max-memory"),
    (["app.wat", "-o", "app", "--max-memory", "99999999999GiB"], "a size"),
    (["app.wat", "-o", "app", "--stack-size", "0"], "a size"),
    (["app.wat", "-o", "app", "-j", "0"], "1 to 1024"),
    (["app.wat", "-o", "app", "-g", "--strip"], "contradict"),
    (["app.wat", "-o", "app", "--name", "a-b"], "found 'a-b'"),
    (["app.wat", "-o", "app", "--dir", "::x"], "--dir"),
    (["app.wat", "-o", "app", "--env", "NAME"], "expected NAME=VALUE"),
    (["app.wat", "-o", "app", "--env", "=x"], "expected NAME=VALUE"),
    (["app.wat", "-o", "app.o", "--dir", "."], "need an executable"),
    (["run"], "no input file"),
    (["run", "--frobnicate", "app.wat"], "--frobnicate"),
]:
    result = wasmetal(*arguments)
    expect_failure(result, 2, "wasmetal: ", part)
    expect(result.stdout, b"", "standard output")
expect(sorted(path.name for path in SANDBOX.iterdir()), ["app.wat"],
       "files after wrong usage")

for arguments, part in [(["--help"], "--max-memory"),
                        (["run", "--help"], "file [arguments...]"),
                        (["--version"], "wasmetal ")]:
    expect_in(part, must(WASMETAL, *arguments).decode(), str(arguments))

version = must(WASMETAL, "--version").decode().split()[1]
expect_in(f"project(wasmetal VERSION {version} ",
          (ROOT / "CMakeLists.txt").read_text(), "the project's version")
