"""A program in C++ whose exceptions are WebAssembly's, by the legacy instructions
and by today's, does what the native build does."""
from harness import *

SOURCES = pathlib.Path(__file__).with_suffix("")
must("clang++-22", "-O2", "-std=c++20", SOURCES / "program.cpp", "-o", "native")
native = must("./native")
expect_in(b"0 alive", native, "the program's last line")

for form in ("true", "false"):
    for level in ("-O0", "-O2"):
        must("clang++-22", *WASI_C[1:], level, "-std=c++20", "-stdlib=libc++",
             "-fexceptions", "-fwasm-exceptions", "-mllvm",
             f"-wasm-use-legacy-eh={form}", SOURCES / "program.cpp",
             SOURCES / "runtime.cpp", "-o", "app.wasm")
        features = must(WASMETAL, "inspect", "app.wasm").decode()
        expect("legacy-exceptions" in features, form == "true",
               f"legacy instructions in\n{features}")
        for options in ("-O2", "-O0 --memory check", "-O3 --memory mask"):
            compile_to("app", "app.wasm", "--verify", *options.split())
            expect(must("./app"), native, f"{level}, legacy {form}, {options}")
