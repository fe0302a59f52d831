"""An executable has no host: what WASI does not have is refused before anything
is written. Objects and shared libraries leave imports to their host."""
from harness import *

START = '(func (export "_start")))'
TO_HOST = "; a .o or .so takes imports from its host\n"

for imports, expected in [
    ('(import "env" "print" (func (param i32 i64) (result f32)))',
     'nothing in an executable supplies import "env" "print" '
     '(function [i32 i64] -> [f32]);'),
    ('(import "env" "table" (table 1 funcref))',
     '"env" "table" (table of funcref);'),
    ('(import "env" "memory" (memory 1))', '"env" "memory" (memory);'),
    ('(import "env" "base" (global i32))', '"env" "base" (global i32);'),
    ('(import "env" "top" (global (mut i64)))', '(mutable global i64);'),
    # Names are shown so that they cannot steer a terminal, and cut.
    ('(import "\\1b[2J" "%s" (func))' % ("x" * 1000),
     'import "\\1b[2J" "%s..."' % ("x" * 200)),
    ('(import "wasi_snapshot_preview1" "fd_write" (func (param i32)))',
     'import "wasi_snapshot_preview1" "fd_write" has not the type of WASI\'s '
     'function: expected [i32 i32 i32 i32] -> [i32], found [i32] -> []'),
    ('(import "wasi_snapshot_preview1" "fork" (func (result i32)))',
     '"fork" (function [] -> [i32]);'),
    ('(import "wasi_snapshot_preview1" "fd_write" (memory 1))',
     '"fd_write" (memory);'),
    # What threads need, an executable supplies, but no more than that.
    ('(import "wasi" "thread-spawn" (func (param i64) (result i32)))',
     'import "wasi" "thread-spawn" has not the type of WASI\'s function: '
     'expected [i32] -> [i32], found [i64] -> [i32]'),
    ('(import "wasi" "thread-exit" (func (param i32)))',
     '"thread-exit" (function [i32] -> []);'),
    ('(import "env" "memory" (memory 1 1 shared))'
     '(import "env" "more" (memory 1 1 shared))',
     '"env" "memory" (memory), and 1 more are missing;'),
    # The first that is missing, and the number of the others.
    ('(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))' +
     "".join(f'(import "env" "f{i}" (func))' for i in range(13)),
     'supplies import "env" "f0" (function [] -> []), and 12 more are missing;'),
]:
    (SANDBOX / "app.wat").write_text("(module " + imports + START)
    expect_failure(wasmetal("app.wat", "-o", "app"), 1, "app.wat:0x", expected,
                   TO_HOST)
    expect_failure(wasmetal("run", "app.wat"), 1, expected)
    expect([path.name for path in SANDBOX.glob("app*")], ["app.wat"], "files")
    for output in ("app.o", "app.so"):
        must(WASMETAL, "app.wat", "-o", output)
        (SANDBOX / output).unlink()

(SANDBOX / "app.wat").write_text(
    '(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))'
    '(func (export "wasi_thread_start") (param i32))' + START)
expect_failure(wasmetal("app.wat", "-o", "app"), 1,
               'threads need an export "wasi_thread_start": a function of type '
               '[i32 i32] -> []\n')

expect_failure(wasmetal(input_file("quickjs.wasm"), "-o", "quickjs"), 1,
               "quickjs.wasm:0x", 'import "a" "', "more are missing;")
