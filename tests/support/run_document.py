"""Runs what a document shows. All ```sh blocks run in order, in a folder of
the document's own with wasmetal on the PATH; a block with a file's name
(```c app.c) is that file; a ```text block after ```sh is its output."""

import pathlib
import re
import sys

from harness import ROOT, SANDBOX, WASMETAL, expect, expect_in, fail, run
import os

document = pathlib.Path(sys.argv[1])
blocks = re.findall(r"^```(.*)\n((?:.*\n)*?)```$", document.read_text(), re.M)
# As after an installation on Debian: the command and the headers are found,
# and languages are its own.
env = {**os.environ, "HOME": str(SANDBOX),
       "CPATH": str(ROOT / "runtime/include"),
       "PATH": f"{pathlib.Path(WASMETAL).parent}:/usr/bin:{os.environ['PATH']}"}
output = None
for info, content in blocks:
    words = info.split()
    if words and words[0] != "text":
        output = None
    language = words[0] if words else fail("a block without a language")
    if len(words) == 2:
        path = SANDBOX / words[1]
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    elif language == "sh":
        # The README's two commands start all of this: they are not started
        # from within, and .ci/run keeps one of them true.
        if "scripts/test" in content:
            for script in re.findall(r"scripts/\w+", content):
                if not os.access(ROOT / script, os.X_OK):
                    fail(f"{script} is no executable file")
            expect_in("scripts/test", (ROOT / ".ci/run").read_text(), ".ci/run")
            continue
        result = run("sh", "-euc", content, env=env)
        output = result.stdout.decode() + result.stderr.decode()
        if result.returncode != 0 and "exit code" not in content:
            fail(f"{document.name}: exit code {result.returncode} of\n"
                 f"{content}{output}")
    elif language == "text" and output is not None:
        expect(output, content, f"{document.name}: output")
print(f"{len(blocks)} blocks")
