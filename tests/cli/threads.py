"""Threads of a program: what ends one early ends the program, and so does the
main thread when it returns."""
from harness import *

MODULE = r"""(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 1 2 shared))
  (data $hello "\08\00\00\00\06\00\00\00hello\n")
  ;; Waits for ever, if nobody ends it.
  (func $hang
    (loop (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0)
      (i64.const -1))) (br 0)))
  (func $overflow (param i32) (call $overflow (local.get 0)))
  (func $start (export "wasi_thread_start") (param $id i32) (param $what i32)
    ;; Its number, for the main thread.
    (i32.atomic.store (i32.const 32) (local.get $id))
    (drop (memory.atomic.notify (i32.const 32) (i32.const 1)))
    %s)
  (func (export "_start")
    (memory.init $hello (i32.const 0) (i32.const 0) (i32.const 14))
    %s))"""

SPAWN = "(if (i32.le_s (call $spawn (i32.const 5)) (i32.const 0)) (then unreachable))"
UNTIL_STARTED = """(drop (memory.atomic.wait32 (i32.const 32) (i32.const 0)
  (i64.const -1)))"""
HELLO = """(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
  (i32.const 16)))"""


def check(name, start, main, code, stdout=b"", stderr=b""):
    (SANDBOX / "app.wat").write_text(MODULE % (start, main))
    for options in ("-O2", "-O0 --memory check"):
        must(WASMETAL, "app.wat", "-o", "app", *options.split())
        found = run(SANDBOX / "app", timeout=60)
        where = f"{name} with {options}"
        expect(found.returncode, code, f"{where}: {found.stderr}")
        expect(found.stdout, stdout, where)
        expect(found.stderr[:len(stderr)], stderr, where)
        expect(found.stderr.count(b"\n"), 1 if stderr else 0, where)


check("a thread that traps", "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
      SPAWN + "(call $hang)", 134,
      stderr=b"wasmetal: trap: integer divide by zero in function")
check("a thread without end of its stack", "(call $overflow (i32.const 0))",
      SPAWN + "(call $hang)", 134,
      stderr=b"wasmetal: trap: call stack exhausted in function")
check("a thread that ends the program", "(call $exit (i32.const 9))",
      SPAWN + "(call $hang)", 9)
check("a main thread that returns", "(call $hang)",
      SPAWN + UNTIL_STARTED + HELLO, 0, stdout=b"hello\n")
check("a main thread that traps", "(call $hang)",
      SPAWN + UNTIL_STARTED + "unreachable", 134,
      stderr=b"wasmetal: trap: unreachable in function")
check("a thread that writes and returns", HELLO + """
    (i32.atomic.store (i32.const 36) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 36) (i32.const 1)))""",
      SPAWN + """(drop (memory.atomic.wait32 (i32.const 36) (i32.const 0)
        (i64.const -1)))""", 0, stdout=b"hello\n")

# A first instance that fails to start, while a thread that it started is in
# WASI's functions.
(SANDBOX / "app.wat").write_text((MODULE % (f"(loop {HELLO} (br 0))", ""))
    .replace('(memory 1 2 shared))', """(memory 1 2 shared))
  (start $begin)
  (func $begin
    (if (i32.eqz (i32.atomic.rmw.add (i32.const 40) (i32.const 1)))
      (then %s %s unreachable)))""" % (SPAWN, UNTIL_STARTED)))
must(WASMETAL, "app.wat", "-o", "app")
for _ in range(20):
    found = run(SANDBOX / "app", timeout=60)
    expect(found.returncode, 134, found.stderr)
    expect_in(b"trap: unreachable", found.stderr, "standard error")

# Threads that have ended leave room for others: each takes 9 MiB of address
# space, and there is not 1 GiB. A refusal passes, unless room is lost.
(SANDBOX / "app.wat").write_text(MODULE % ("""
    (i32.atomic.store (i32.const 36) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 36) (i32.const 1)))""",
    """(loop $next %s
      (drop (memory.atomic.wait32 (i32.const 36) (i32.const 0) (i64.const -1)))
      (i32.atomic.store (i32.const 36) (i32.const 0))
      (br_if $next (i32.lt_u (i32.atomic.load (i32.const 32))
        (i32.const 300))))""" % """(loop $again
      (br_if $again (i32.le_s (call $spawn (i32.const 5)) (i32.const 0))))""" +
    HELLO))
must(WASMETAL, "app.wat", "-o", "app", "--memory", "check")
expect(must("sh", "-c", "ulimit -v 1000000; exec ./app", timeout=60),
       b"hello\n", "many threads, one after another")

# The same by `run`, from its cache the second time.
for _ in range(2):
    found = wasmetal("run", "app.wat", timeout=60)
    expect(found.returncode, 0, found.stderr)
    expect(found.stdout, b"hello\n", "run")

# --max-memory counts for the memory that the program makes for its module.
(SANDBOX / "app.wat").write_text(MODULE % ("", """(if (i32.eq
  (memory.grow (i32.const 1)) (i32.const -1)) (then %s))""" % HELLO))
expect(must(WASMETAL, "run", "app.wat"), b"", "a memory that grows")
for strategy in ("guard", "mask"):
    expect(must(WASMETAL, "run", "--max-memory", "64K", "--memory", strategy,
                "app.wat"), b"hello\n", f"limited under {strategy}")
