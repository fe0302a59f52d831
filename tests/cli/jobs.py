"""The output does not depend on -j, nor on a second run."""
from harness import *

wasm = input_file("quickjs.wasm")
for suffix in ("o", "so"):
    outputs = []
    for index, jobs in enumerate(("-j1", "-j2", "-j2")):
        path = compile_to(f"out.{suffix}", wasm, "-O0", jobs)
        outputs.append(path.read_bytes())
    for index, output in enumerate(outputs):
        expect(output == outputs[0], True, f".{suffix} of run {index}")
