"""Other engines. An adapter says whether its engine is on this machine, and
makes of a module a command that runs it. Each is asked for its best code, and
compiles ahead of time if it can; all compile for this machine's processor but
wasm2c, whose C clang compiles for the one that --cpu names."""

import pathlib
import shutil
import subprocess

from . import build

HERE = pathlib.Path(__file__).resolve().parent


class Peer:
    """What adapters have in common: a tool that is there or not."""
    tools = ()

    def version(self):
        """The first line of what it says, or None where it is missing."""
        if not all(map(shutil.which, self.tools)):
            return None
        found = subprocess.run([self.tools[0], "--version"], text=True,
                               capture_output=True, check=False)
        lines = (found.stdout or found.stderr).strip().splitlines()
        return lines[0] if lines else "unknown"

    def prepare(self, options, module, output):
        """The command that runs a module, and what compiling it cost."""
        raise NotImplementedError


class Node(Peer):
    """V8, with its optimising compiler from the first call on."""
    tools = ("node",)
    flags = ["--no-warnings", "--no-liftoff", "--no-wasm-lazy-compilation"]

    def prepare(self, options, module, output):
        command = ["node", *self.flags, HERE / "run_node.mjs", module]
        code, out, err, _, _ = build.execute([*command, "--compile-only"])
        if code != 0:
            raise build.BuildError(build.complaint(code, out, err))
        seconds, peak = out.split()
        return command, build.Cost(float(seconds), int(peak))


class Wasm2c(Peer):
    """WABT's translation to C, compiled as native programs are."""
    tools = ("wasm2c", build.CLANG)

    def prepare(self, options, module, output):
        folder = pathlib.Path(f"{output}.wasm2c")
        folder.mkdir()
        runtime = next(path for path in (
            pathlib.Path(shutil.which("wasm2c")).resolve().parents[1] /
            "share/wabt/wasm2c", pathlib.Path("/usr/share/wabt/wasm2c"))
            if path.exists())
        translate = build.must(["wasm2c", module, "--module-name", "bench",
                                "-o", folder / "module.c"])
        compile_ = build.must([
            build.CLANG, "-O3", f"-march={options.cpu}", "-ffp-contract=off",
            "-w", "-I", folder, "-I", runtime, folder / "module.c",
            HERE / "wasi_for_wasm2c.c", runtime / "wasm-rt-impl.c", "-lm",
            "-o", output])
        return [output], build.Cost(translate[0] + compile_[0],
                                    max(translate[1], compile_[1]),
                                    build.text_size(output))


class AheadOfTime(Peer):
    """An engine with one command that compiles and one that runs."""

    def __init__(self, tools, compile_, run, suffix):
        self.tools = tools
        self.compile = compile_
        self.run = run
        self.suffix = suffix

    def prepare(self, options, module, output):
        compiled = f"{output}{self.suffix}"
        seconds, peak, _ = build.must([
            {"IN": module, "OUT": compiled}.get(word, word)
            for word in self.compile])
        return [*self.run, compiled], build.Cost(seconds, peak)


class Interpreter(Peer):
    """An engine that compiles nothing."""

    def __init__(self, tool):
        self.tools = (tool,)

    def prepare(self, options, module, output):
        return [*self.tools, module], None


PEERS = {
    "node": Node(),
    "wasm2c": Wasm2c(),
    "wasmtime": AheadOfTime(
        ("wasmtime",), ["wasmtime", "compile", "IN", "-o", "OUT"],
        ["wasmtime", "run", "--allow-precompiled"], ".cwasm"),
    "wasmer": AheadOfTime(
        ("wasmer",), ["wasmer", "compile", "--llvm", "IN", "-o", "OUT"],
        ["wasmer", "run"], ".wasmu"),
    "wamr": AheadOfTime(
        ("wamrc", "iwasm"), ["wamrc", "--opt-level=3", "-o", "OUT", "IN"],
        ["iwasm"], ".aot"),
    "wasmedge": AheadOfTime(
        ("wasmedge",), ["wasmedge", "compile", "--optimize", "3", "IN", "OUT"],
        ["wasmedge"], ".so"),
    "wasm3": Interpreter("wasm3"),
}


def choose(given):
    """The adapters that the user asked for."""
    if given == ["none"]:
        return {}
    if given == ["found"]:
        return {name: peer for name, peer in PEERS.items() if peer.version()}
    return {name: PEERS[name] for name in given}
