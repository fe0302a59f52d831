"""The official test suite's scripts without vectors on two boards, under
--memory check and mpu: their modules become objects, their assertions a host in C, and
a few scripts an image. What takes something that firmware has not (imports of
other modules, references as values, 64-bit memories) is left out
and counted."""
import collections
import concurrent.futures
import json
import re

from firmware import *

SCRIPTS = pathlib.Path(sys.argv[1])
BOARD, STRATEGY = sys.argv[2:4]
TARGET = BOARDS[BOARD]

NAMES = """address address0 address1 align block br br_if br_table bulk call
call_indirect conversions data endianness f32 f32_bitwise f32_cmp f64
f64_bitwise f64_cmp fac float_exprs float_literals float_memory float_misc
forward func func_ptrs global i32 i64 if int_exprs int_literals labels
left-to-right load load2 local_get local_set local_tee loop memory memory_copy
memory_copy0 memory_fill memory_fill0 memory_init memory_redundancy memory_trap
memory_trap1 names nop return return_call return_call_indirect return_call_ref
select stack start start0 store store2 switch table_copy table_init traps
unreachable unwind throw throw_ref try_table""".split()
# Modules that are in one image: RAM holds their memories.
BATCH = 10

left_out = collections.Counter()
WIDTH = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


def quoted(name):
    return '"' + "".join(chr(c) if 32 <= c < 127 and chr(c) not in '"\\' else
                         f"\\{c:02x}" for c in name.encode()) + '"'


class Module:
    def __init__(self, number, path):
        self.name = f"m{number}"
        self.object = SANDBOX / f"{self.name}.o"
        self.header = SANDBOX / f"{self.name}.h"
        # Small ones, as an image has several; limits are exact all the same.
        result = wasmetal(path, "-o", self.object, "--target", TARGET, "-O1",
                          "--memory", STRATEGY, "--max-memory", "192K", "--name", self.name, "--header",
                          self.header)
        self.refusal = result.stderr.decode()
        if result.returncode not in (0, 1) or "LLVM" in self.refusal:
            fail(f"{path}: {self.refusal}")
        self.functions, self.imports = {}, []
        if result.returncode == 0:
            self.imports = re.findall(rf"wm_status {self.name}_import_[^;]*",
                                      self.header.read_text())
            if any("_import_spectest_print" not in i for i in self.imports):
                self.refusal = "imports of other modules"
            for export, symbol in re.findall(
                    r'/// Export: function ("(?:[^"\\]|\\..)*")[^\n]*\n'
                    r"wm_status (\w+)\(", self.header.read_text()):
                self.functions[export] = symbol


def condition(i, value):
    """Of result `i`."""
    width = WIDTH[value["type"]]
    bits, digits = f"r{i}.u{width}", value["value"]
    quiet = 0x7fc00000 if width == 32 else 0x7ff8 << 48
    sign = 1 << (width - 1)
    if digits == "nan:canonical":
        return f"({bits} & {sign - 1}u{'ll' * (width > 32)}) == {quiet}ull"
    if digits == "nan:arithmetic":
        return f"({bits} & {quiet}ull) == {quiet}ull"
    return f"{bits} == {digits}u{'ll' * (width > 32)}"


def statement(command, module):
    """C for a command, or None where it takes what firmware has not."""
    action = command.get("action")
    if not action or action["type"] != "invoke":
        return None
    # These grow by up to 20 MiB.
    if action["field"].startswith("as-memory.grow"):
        return None
    symbol = module.functions.get(quoted(action["field"]))
    expected = command.get("expected", [])
    if not symbol or any(v["type"] not in WIDTH for v in
                         action.get("args", []) + expected):
        return None
    prototype = re.search(rf"wm_status {symbol}\(([^)]*)\)",
                          module.header.read_text()).group(1)
    count = prototype.count("*result")
    arguments = [f"i_{module.name}"]
    for value in action.get("args", []):
        arguments.append(f"{value['type']}({value['value']}ull)")
    kinds = re.findall(r"(\w+) \*result", prototype)
    field = {"int32_t": "i32", "int64_t": "i64", "float": "f32",
             "double": "f64"}
    if any(kind not in field for kind in kinds):
        return None
    arguments += [f"&r{i}.{field[kind]}" for i, kind in enumerate(kinds)]
    call = f"{symbol}({', '.join(arguments)})"
    declared = "".join(f"union value r{i} = {{0}}; " for i in range(count))
    line = command["line"]
    if command["type"] == "assert_return":
        checks = "".join(f" && {condition(i, v)}" for i, v in
                         enumerate(expected))
        return f"{declared}check({line}, {call} == WM_OK{checks});"
    if command["type"] == "assert_trap":
        return (f"{declared}check({line}, {call} == WM_TRAPPED && "
                f"says(i_{module.name}, {json.dumps(command['text'])}));")
    if command["type"] == "assert_exhaustion":
        return (f"{declared}check({line}, {call} == WM_TRAPPED && "
                f"says(i_{module.name}, \"call stack exhausted\"));")
    if command["type"] == "assert_exception":
        return f"{declared}check({line}, {call} == WM_THROWN);"
    if command["type"] == "action":
        return f"{declared}{call};"
    return None


PROLOGUE = r"""
#include <wasmetal/wasmetal.h>
void port_message(const char *text, uint64_t size);
union value { int32_t i32; int64_t i64; float f32; double f64; uint32_t u32;
              uint64_t u64; };
static int32_t i32(uint64_t bits) { return (int32_t)bits; }
static int64_t i64(uint64_t bits) { return (int64_t)bits; }
static float f32(uint64_t bits) {
  union value v;
  v.u32 = (uint32_t)bits;
  return v.f32;
}
static double f64(uint64_t bits) {
  union value v;
  v.u64 = bits;
  return v.f64;
}
static const char *script;
static unsigned passed, failed;
static void number(unsigned value) {
  char digits[12], *at = digits + sizeof digits;
  do
    *--at = (char)('0' + value % 10);
  while (value /= 10);
  port_message(at, (uint64_t)(digits + sizeof digits - at));
}
static void text(const char *string) {
  uint64_t size = 0;
  while (string[size])
    ++size;
  port_message(string, size);
}
static __attribute__((noinline)) void check(unsigned line, bool is_good) {
  if (is_good) {
    ++passed;
    return;
  }
  ++failed;
  text(script);
  text(":");
  number(line);
  text("\n");
}
static bool says(wm_instance *instance, const char *expected) {
  const char *found = wm_trap_message(wm_last_error(instance)->trap);
  while (*expected && *expected == *found)
    ++expected, ++found;
  return !*expected || !*found;
}
"""


def run_image(parts, modules):
    """`parts`: a name and C statements for each script."""
    host = "".join(f'#include "{m.name}.h"\n' for m in modules) + PROLOGUE
    host += "".join(f"static wm_instance *i_{m.name};\n" for m in modules)
    host += "".join(f"{i} {{ return WM_OK; }}\n" for m in modules
                    for i in m.imports)
    # Small functions: the compiler takes long over large ones.
    names = []
    for name, statements in parts:
        for at in range(0, len(statements), 50):
            function = f"part{len(names)}"
            names.append(function)
            body = "\n".join(f"  {{ {s} }}" for s in statements[at:at + 50])
            host += (f"static void {function}(void) {{\n"
                     f"  script = {json.dumps(name)};\n{body}\n}}\n")
    host += ("int main(void) {\n" + "".join(f"  {n}();\n" for n in names) +
             '  text("passed "); number(passed); text("\\n");\n'
             "  return failed != 0;\n}\n")
    elf = link(BOARD, host, [m.object for m in modules], stack=65536,
               arena=16384)
    output, errors, status = boot(BOARD, elf)
    found = re.search(r"passed (\d+)\n", errors)
    if not found:
        fail(f"{[name for name, _ in parts]}: {output}{errors}")
    return int(found.group(1)), [line for line in errors.splitlines()
                                 if not line.startswith("passed ")]


def load(name):
    folder = SCRIPTS / f"{name}.wast"
    return folder, json.loads((folder / "commands.json").read_text())["commands"]


pool = concurrent.futures.ThreadPoolExecutor(2)
scripts, jobs = [], 0
for name in NAMES:
    folder, commands = load(name)
    modules = {}
    for at, command in enumerate(commands):
        if command["type"] == "module" and command["module_type"] == "binary":
            jobs += 1
            modules[at] = pool.submit(Module, jobs, folder / command["filename"])
    scripts.append((name, commands, modules))

passed, failures, parts, batch = 0, [], [], []


def flush():
    global passed, parts, batch
    if batch:
        more, bad = run_image(parts, batch)
        passed += more
        failures.extend(bad)
    parts, batch = [], []


for name, commands, modules in scripts:
    current, named, statements = None, {}, []
    for at, command in enumerate(commands):
        kind = command["type"]
        if kind in ("assert_invalid", "assert_malformed", "assert_unlinkable",
                    "assert_uninstantiable"):
            continue # the compiler's part, or a store's
        if kind == "module":
            current = modules[at].result() if at in modules else None
            if current and current.refusal:
                left_out[re.sub(r"^[^:]*:|0x\w+|\d+|\"[^\"]*\"", "",
                                current.refusal.strip())] += 1
                current = None
            if current and len(batch) == BATCH:
                parts.append((name, statements))
                flush()
                statements = []
                named = {}
            if current:
                batch.append(current)
                statements.append(
                    f"check({command['line']}, wm_instance_create("
                    f"&{current.name}_module, 0, &i_{current.name}, 0) == WM_OK);")
            if command.get("name"):
                named[command["name"]] = current
            continue
        action = command.get("action", {})
        module = (named.get(action["module"]) if action.get("module")
                  else current)
        code = statement(command, module) if module else None
        if code:
            statements.append(code)
        else:
            left_out[kind] += 1
    parts.append((name, statements))
flush()
print(f"{passed} passed, {len(failures)} failed; left out:")
for what, count in left_out.most_common():
    print(f"  {count} {what}")
for line in failures:
    print(line)
if passed < 22000:
    fail(f"only {passed} assertions ran")
sys.exit(1 if failures else 0)
