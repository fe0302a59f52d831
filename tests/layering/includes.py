"""Each folder includes only what the layers allow (docs/architecture.md)."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# folder: prefixes that its files may include by quotes, within the project.
RULES = {
    "compiler/wasm": ["compiler/wasm/", "compiler/diagnostic.h"],
    "compiler/emit": ["compiler/emit/", "compiler/wasm/",
                      "compiler/diagnostic.h", "compiler/strategies.h",
                      "compiler/targets.h",
                      "runtime/abi.def", "runtime/abi.h", "runtime/layout.def",
                      "runtime/include/wasmetal/traps.def",
                      "libc_backing/wasi.def"],
    "compiler/codegen": ["compiler/codegen/", "compiler/emit/",
                         "compiler/wasm/", "compiler/compile.h",
                         "compiler/diagnostic.h", "compiler/targets.h",
                         "compiler/targets.def", "runtime/abi.def",
                         "runtime/abi.h", "runtime/cpu_features/",
                         "runtime/firmware_api.def",
                         "runtime/include/wasmetal/traps.def",
                         "libc_backing/wasi.def"],
    "compiler": ["compiler/", "memory_backends/backends.def"],
    # Public: installed, so that it stands on its own.
    "runtime/include": [],
    "runtime": ["runtime/", "memory_backends/backend.h",
                "memory_backends/backends.def", "libc_backing/wasi.def"],
    "memory_backends": ["memory_backends/backend.h", "memory_backends/access.h",
                        "memory_backends/backends.def", "runtime/abi.h",
                        "runtime/abi.def", "runtime/port.h", "runtime/trap.h",
                        "runtime/include/wasmetal/traps.def"],
    "libc_backing": ["libc_backing/", "memory_backends/backend.h",
                     "runtime/abi.h", "runtime/layout.h", "runtime/lock.h",
                     "runtime/port.h",
                     "runtime/port_files.h", "runtime/port_errors.def",
                     "runtime/process.h", "runtime/trap.h"],
    "ports/cortex_m": ["ports/cortex_m/", "runtime/", "libc_backing/wasi.h",
                       "memory_backends/backend.h",
                       "memory_backends/backends.def"],
    "ports/linux": ["ports/linux/", "runtime/", "libc_backing/wasi.h"],
}
# What code that is fused into guests may take from outside of the project.
FREESTANDING = {"stdint.h", "stddef.h", "stdarg.h", "limits.h", "stdatomic.h",
                "float.h", "string.h", "stdbool.h"}
FORBIDDEN_IR = re.compile(r'"llvm/(IR|CodeGen|Passes|Transforms|Analysis|'
                          r'Target|Linker|Bitcode|MC)/')
found = []


def rule_for(path):
    folder = path.parent
    while folder != pathlib.Path("."):
        if str(folder) in RULES:
            return str(folder)
        folder = folder.parent
    return None


count = 0
for path in sorted(ROOT.glob("**/*")):
    relative = path.relative_to(ROOT)
    if path.suffix not in (".h", ".cpp", ".def", ".c", ".S") or relative.parts[
            0] not in ("compiler", "runtime", "memory_backends",
                       "libc_backing", "ports"):
        continue
    rule = rule_for(relative)
    if not rule:
        found.append(f"{relative}: no rule for this folder")
        continue
    count += 1
    allowed = RULES[rule]
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        kind, header = match.groups()
        where = f"{relative}:{number}: includes {header}"
        compiler = rule.startswith("compiler")
        if header.startswith(("llvm/", "lld/", "wabt/", "CLI/", "src/")):
            if not compiler:
                found.append(f"{where}, a library of the compiler")
            elif rule == "compiler/wasm" and FORBIDDEN_IR.match(f'"{header}"'):
                found.append(f"{where}, beyond the front end")
            elif header.startswith("wabt/") and relative.name != "text.cpp":
                found.append(f"{where}, which text.cpp alone may")
            elif header.startswith("CLI/") and relative.name != "options.cpp":
                found.append(f"{where}, which options.cpp alone may")
            continue
        if kind == '"':
            if rule == "runtime/include" and (path.parent / header).exists():
                continue
            if not (ROOT / header).exists():
                found.append(f"{where}, which is no path from the root")
            elif not any(header.startswith(prefix) for prefix in allowed):
                found.append(f"{where}: {rule} may not")
        elif not compiler:
            kernel = header.startswith(("linux/", "asm/", "asm-generic/"))
            if kernel and not rule.startswith("ports/"):
                found.append(f"{where}: the kernel's headers are the port's")
            elif not kernel and header not in FREESTANDING:
                found.append(f"{where}, which needs a hosted libc")

print(f"{count} files")
if count < 50:
    found.append(f"only {count} files were found to check")
for line in found:
    print(line)
sys.exit(1 if found else 0)
