"""--max-memory limits what memory.grow gives."""
from harness import *

(SANDBOX / "grow.wat").write_text(r"""(module
  (memory 1)
  (func (export "grow") (param i32) (result i32 i32)
    (memory.grow (local.get 0)) (memory.size)))
""")
for strategy in ("guard", "check", "mask", "none"):
    for options, pages, expected in [
        ([], "3", b"1\n4\n"),
        (["--max-memory", "256KiB"], "3", b"1\n4\n"),
        (["--max-memory", "256KiB"], "4", b"-1\n1\n"),
    ]:
        found = must(WASMETAL, "run", "--memory", strategy, *options,
                     "--invoke", "grow", "grow.wat", pages)
        expect(found, expected, f"{strategy} {options} {pages}")
