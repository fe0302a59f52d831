"""Progress is shown on a terminal alone, and erased at the end."""
import pty

from harness import *

wasm = input_file("quickjs.wasm")
command = [WASMETAL, str(wasm), "-o", "out.o", "-O1", "-j1"]
expect(run(*command).stderr, b"", "standard error without a terminal")

controller, terminal = pty.openpty()
process = subprocess.Popen(command, stderr=terminal)
os.close(terminal)
shown = b""
while True:
    try:
        part = os.read(controller, 4096)
    except OSError: # the other end is closed
        break
    if not part:
        break
    shown += part
expect(process.wait(), 0, "exit code")
expect_in(b" % of ", shown, "progress")
expect(shown.endswith(b"\r\x1b[K"), True, f"erased at the end: {shown[-80:]!r}")
