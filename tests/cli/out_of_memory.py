"""Where LLVM gives up, because memory is short, the compiler ends as it does
for any other reason: one line, exit code 1, no files left behind."""
import resource

from harness import *

if b"__asan_init" in pathlib.Path(WASMETAL).read_bytes():
    print("skipped: AddressSanitizer needs address space without a limit")
    sys.exit(0)

temporary = fresh_folder("temporary")
os.environ["TMPDIR"] = str(temporary)
(SANDBOX / "app.wat").write_text(HELLO)
tools = input_file("wasm-tools.wasm")


def limit_to(mebibytes, *command):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS,
                           (mebibytes << 20, mebibytes << 20))

    return subprocess.run([WASMETAL, *command], capture_output=True,
                          preexec_fn=limit, timeout=600, check=False)


# Not enough for a thread's stack; enough for it, and not for the module.
for mebibytes, name in (300, "app.wat"), (550, str(tools)):
    result = limit_to(mebibytes, name, "-O0", "-j1", "-o", "out")
    expect_failure(result, 1, f"{name}: LLVM: ")
    expect([path.name for path in SANDBOX.glob("out*")], [], "outputs")
    expect(list(temporary.iterdir()), [], "temporary files")
