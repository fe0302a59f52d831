"""bzip2, compiled through WebAssembly, gives the bytes that native bzip2
gives, and undoes them; under every strategy."""
from harness import *

source = input_file("bzip2")
files = [source / f"{name}.c" for name in (
    "bzip2", "blocksort", "huffman", "crctable", "randtable", "compress",
    "decompress", "bzlib")]
must("clang-22", "-O2", "-w", *files, "-o", "native")
# WASI has no owners and modes.
must(*WASI_C, "-O2", "-w", "-Dfchmod(a,b)=0", "-Dfchown(a,b,c)=0", *files,
     "-o", "bzip2.wasm", *WASI_LIBS)

texts = [b"", b"a", bytes(range(256)) * 300, b"abc" * 200000,
         (source / "sample2.ref").read_bytes(),
         (source / "manual.ps").read_bytes()]
for options in ("-O2", "-O3 --memory check", "-O1 --memory mask",
                "-Os --memory none", "-O2 --traps relaxed",
                "-O2 --target aarch64-linux"):
    compile_to("bzip2", "bzip2.wasm", *options.split())
    for text in texts:
        packed = must("./native", "-z9c", stdin=text)
        result = must("./bzip2", "-z9c", stdin=text)
        expect(result == packed, True, f"{options}: packing {len(text)} bytes")
        expect(must("./bzip2", "-dc", stdin=packed) == text, True,
               f"{options}: unpacking {len(text)} bytes")
    # What is damaged is refused with native's exit code.
    broken = packed[:2000] + b"\0" * 100 + packed[2100:]
    expect(run("./bzip2", "-dc", stdin=broken).returncode,
           run("./native", "-dc", stdin=broken).returncode,
           f"{options}: exit code for damaged input")
