"""Instructions over native, which are the same wherever this runs: programs of
several kinds, on both processors, under both of the strategies that trap."""
import json
import pathlib

from harness import *


def ratios(*options):
    must(ROOT / "benchmarks/run", "--forms", "w3", "--strategies",
         "guard,check", "--peers", "none", "--json", "all.json", "--build",
         SANDBOX / "build", *options)
    data = json.loads(pathlib.Path("all.json").read_text())
    for program in data["programs"]:
        for label, cell in program["cells"].items():
            expect(cell["error"], None, f"{program['name']}, {label}")
            expect(len(cell["instructions"]), 1, "runs that were counted")
    return {label: sums["geometric_mean"]
            for label, sums in data["summary"][data["programs"][0]["suite"]]
            .items()}


def expect_below(found, limit, what):
    expect(found < limit, True, f"{what}: {found:.3f} < {limit}")


KERNELS = ["--suite", "polybench", "--size", "SMALL", "--only",
           "jacobi-2d,lu"]
for target in ("x86_64-linux", "aarch64-linux"):
    found = ratios("--count", "--target", target, *KERNELS)
    expect_below(found["guard w3"], 1.05, f"{target}, guard")
    expect_below(found["check w3"], 1.05, f"{target}, check")

# Counting is exact: once more, the same.
expect(ratios("--count", "--target", "aarch64-linux", *KERNELS), found,
       "ratios of a second run")

result = run(ROOT / "benchmarks/run", "--count", "--suite", "programs")
expect(result.returncode, 2, "exit code of what is not counted")
expect_in("whole programs are timed, not counted", result.stderr.decode(),
          "why")
