"""What the tests of firmware share: the boards that there are, images for
them, and running these under QEMU."""

from harness import *

# Name and target of each board.
BOARDS = {path.stem: path.read_text().split("\n")[0].split()[1]
          for path in sorted((ROOT / "ports/cortex_m/boards").glob("*.board"))}

# QEMU has the same memories as the board; a page of WebAssembly does not fit
# into the smallest one.
SMALL = {"microbit": ["--memory-size", "4K", "--stack-size", "3K"]}


def image(board, source, *options):
    """Compiles a file, or wat text, for a board; returns the image's path."""
    name = f"{board}-{abs(hash(str(source)))}.elf"
    return compile_to(name, source, "--target", BOARDS[board], "--board", board,
                      *SMALL.get(board, []), *options)


def boot(board, elf, *arguments):
    """Runs an image; what it wrote to each stream, and its exit code."""
    words = "".join(f",arg={word}" for word in arguments)
    result = run("qemu-system-arm", "-M", board, "-display", "none", "-monitor",
                 "none", "-serial", "none", "-chardev", "stdio,id=console",
                 "-semihosting-config",
                 f"enable=on,target=native,chardev=console{words}", "-kernel",
                 elf, timeout=60)
    return (result.stdout.decode(errors="replace"),
            result.stderr.decode(errors="replace"), result.returncode)


# Where the image's parts lie: beside the command.
RUNTIME = pathlib.Path(WASMETAL).parents[1] / "lib/wasmetal/cortex_m-thumb"


def script(board):
    """Writes the linker script of a host: host.ld."""
    lines = dict(line.split(maxsplit=1) for line in
                 (ROOT / f"ports/cortex_m/boards/{board}.board").read_text()
                 .splitlines())
    regions = "".join(
        "{} : ORIGIN = {}, LENGTH = {}\n".format(name, *lines[name].split())
        for name in ("flash", "ram"))
    (SANDBOX / "host.ld").write_text(
        f"MEMORY {{ {regions} }}\nINCLUDE firmware.ld\n")


# Where there is no library.
CXX = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
       "-fno-c++-static-destructors"]


def link(board, host, objects, stack=8192, arena=512, language="c",
         target=None):
    """An image of a host in C or C++, which has a `main`, and objects of
    modules."""
    target = target or BOARDS[board]
    processor = target.removesuffix("-nofp")
    (SANDBOX / "host.source").write_text(host)
    float_abi = "hard" if target in ("cortex-m4", "cortex-m7", "cortex-m33",
                                     "cortex-m55") else "soft"
    must("clang-22", "--target=arm-none-eabi", f"-mcpu={processor}", "-mthumb",
         f"-mfloat-abi={float_abi}", "-ffreestanding", "-Os", "-Wall",
         *(CXX if language == "c++" else []),
         "-I", ROOT / "runtime/include", "-I", SANDBOX, "-c", "-x", language,
         "host.source", "-o", "host.o")
    script(board)
    must("ld.lld-22", "-m", "armelf", "--gc-sections", "-T", "host.ld", "-L",
         RUNTIME, f"--defsym=__stack_size={stack}",
         f"--defsym=__arena_size={arena}",
         "host.o", *objects, RUNTIME / target / "libport.a",
         RUNTIME / target / "libgcc.a", "-o", "host.elf")
    return SANDBOX / "host.elf"
