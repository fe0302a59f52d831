"""benchmarks/run builds, compares and times a few kernels in every way it is
told, and its reports are whole. Nothing is expected of the times."""
import csv
import io
import json
import pathlib
import re
import xml.dom.minidom

from harness import *

RUN = [ROOT / "benchmarks/run", "--size", "MINI", "--runs", "2", "--peers",
       "none", "--forms", "w3", "--strategies", "guard,check", "--build",
       SANDBOX / "build", "--json", "all.json", "--csv", "all.csv", "--html",
       "all.html"]
KERNELS = ["durbin", "trisolv"]
LABELS = ["native", "native-contract", "guard w3", "check w3"]

table = must(*RUN, "--level", "1", "--only", ",".join(KERNELS)).decode()
for part in (*KERNELS, *LABELS, "geometric mean", "worst", "median spread"):
    expect_in(part, table, "table")

data = json.loads(pathlib.Path("all.json").read_text())
expect(data["labels"], LABELS, "ways in JSON")
expect([program["name"] for program in data["programs"]], KERNELS,
       "programs in JSON")
for program in data["programs"]:
    for label, cell in program["cells"].items():
        expect(cell["error"], None, f"{program['name']}, {label}")
        expect(len(cell["seconds"]), 2, "runs")
        expect(cell["ratio"] > 0, True, "the ratio is positive")
for label in LABELS[2:]:
    expect(data["summary"]["polybench"][label]["programs"], len(KERNELS),
           f"programs in the mean of {label}")
    expect(data["summary"]["polybench"][label]["text"] > 0, True,
           "bytes of code")

rows = list(csv.DictReader(io.StringIO(pathlib.Path("all.csv").read_text())))
expect([(row["row"], row["engine"]) for row in rows],
       [(kernel, engine) for kernel in KERNELS
        for engine in ("native", "native-contract", "guard", "check")],
       "lines of CSV")

page = pathlib.Path("all.html").read_text()
plots = re.findall(r"<svg .*?</svg>", page, re.S)
expect(len(plots) > 2, True, "legend and plots in the page")
for plot in plots:
    xml.dom.minidom.parseString(plot)
for part in (*KERNELS, *LABELS):
    expect_in(part, page, "page")

# What computes something else is not timed, and is a failure. A compiler that
# answers with another program stands for one that is wrong.
wrong = SANDBOX / "wrong"
wrong.write_text("#!/bin/sh\nset -eu\n"
                 "printf '#!/bin/sh\\necho checksum 0; echo seconds 1.0\\n' "
                 '>"$3"\nchmod +x "$3"\n')
wrong.chmod(0o755)
result = run(*RUN, "--only", "durbin", "--wasmetal", wrong)
expect(result.returncode, 1, "exit code when checksums differ")
expect_in("durbin, guard w3: computed", result.stdout.decode(), "table")
data = json.loads(pathlib.Path("all.json").read_text())
expect("ratio" in data["programs"][0]["cells"]["guard w3"], False,
       "a ratio of what computes something else")

# A program of several kernels has a row for each; memories of 64 bits have a C
# library of their own.
table = must(*RUN, "--suite", "loops", "--only", "layouts", "--level", "2",
             "--forms", "w3,w64").decode()
for part in ("gather", "structures_swap", "row_pointers", "versioned w3",
             "versioned w64"):
    expect_in(part, table, "table")
    expect_in(part, pathlib.Path("all.html").read_text(), "page")
data = json.loads(pathlib.Path("all.json").read_text())
expect({program["program"] for program in data["programs"]}, {"layouts"},
       "the program of each row")
# It says how its loops were versioned.
cells = {program["name"]: program["cells"] for program in data["programs"]}
expect(cells["row_pointers"]["guard w3"]["loops"][-1], "versioned",
       "what became of a loop")
expect(cells["follow_links"]["guard w3"]["loops"][0],
       "not versioned: 8 of 8 accesses are not described",
       "why a loop was not versioned")
for name, ways in cells.items():
    for label in ("guard w64", "check w64"):
        expect(ways[label]["error"], None, f"{name}, {label}")

# What needs more than that library has is left out, which is no failure.
table = must(*RUN, "--suite", "mibench", "--only", "basicmath,bitcount",
             "--forms", "w64").decode()
data = json.loads(pathlib.Path("all.json").read_text())
expect(["guard w64" in program["cells"] for program in data["programs"]],
       [False, True], "which programs have a 64-bit memory")
expect(len(data["left_out"]), 1, "programs that are left out")
expect_in("basicmath, w64: ", data["left_out"][0], "what is left out")
expect_in("undefined symbol: ", data["left_out"][0], "why it is left out")
expect_in(data["left_out"][0], table, "table")
