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
