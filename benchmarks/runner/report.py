"""From times or counts to figures, and figures as a table, as JSON and as CSV."""

import csv
import datetime
import io
import json
import math
import pathlib
import platform
import statistics
import subprocess


def machine():
    processor = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    return {"processor": processor, "system": platform.release(),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(
                timespec="minutes")}


def versions(options):
    found = {}
    for name, command in (("wasmetal", [options.wasmetal, "--version"]),
                          ("clang", ["clang-22", "--version"])):
        text = subprocess.run(command, capture_output=True, text=True,
                              check=False).stdout
        found[name] = text.splitlines()[0] if text else "unknown"
    for name, peer in options.peers.items():
        found[name] = peer.version() or "not found"
    return found


def cell_figures(cell, base, row, unit):
    figures = {"engine": cell.way.engine, "form": cell.way.form,
               "error": cell.error}
    if cell.amounts and not cell.error:
        median = statistics.median(cell.amounts)
        figures |= {
            unit: cell.amounts, "median": median, "ratio": median / base,
            "spread": (max(cell.amounts) - min(cell.amounts)) / median}
    cost = cell.way.cost
    if cost:
        figures["compile"] = {"seconds": cost.seconds, "peak_kib": cost.peak,
                              "text": cost.text}
        figures["loops"] = cost.loops.get(row, [])
    return figures


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


def summary(programs, label):
    """Over all programs that ran under this label."""
    rows = [(program["cells"][label]["ratio"], program["name"],
             program["cells"][label]["spread"])
            for program in programs
            if "ratio" in program["cells"].get(label, {})]
    if not rows:
        return None
    worst, name, _ = max(rows)
    # Several rows may be of one program, which was compiled once.
    compiles = list({
        program["program"]: program["cells"][label]["compile"]
        for program in programs
        if "compile" in program["cells"].get(label, {})}.values())
    sizes = [cost["text"] for cost in compiles if cost["text"]]
    return {
        "programs": len(rows),
        "geometric_mean": geometric_mean([row[0] for row in rows]),
        "worst": worst, "worst_program": name,
        "spread": statistics.median(row[2] for row in rows),
        "compile_seconds": sum(cost["seconds"] for cost in compiles)
        if compiles else None,
        "compile_peak_kib": max(cost["peak_kib"] for cost in compiles)
        if compiles else None,
        "text": sum(sizes) if sizes else None}


def figures(results, options):
    """All that the reports are made of, as it goes into the JSON file."""
    programs = []
    failures = []
    peers = set(options.peers)
    unit = "instructions" if options.count else "seconds"
    for result in results:
        base = statistics.median(result.cells[0].amounts)
        programs.append({
            "suite": result.program.suite, "program": result.program.name,
            "name": result.name,
            "cells": {cell.way.label: cell_figures(cell, base, result.name, unit)
                      for cell in result.cells}})
        failures += [f"{result.name}, {cell.way.label}: {cell.error}"
                     for cell in result.cells
                     if cell.error and cell.way.engine not in peers]
    left_out = dict.fromkeys(
        f"{result.program.name}, w64: {result.left_out}" for result in results
        if result.left_out)
    labels = list(dict.fromkeys(label for program in programs
                                for label in program["cells"]))
    suites = {}
    for suite in options.suite:
        inside = [program for program in programs if program["suite"] == suite]
        suites[suite] = {label: summary(inside, label) for label in labels
                         if any(label in row["cells"] for row in inside)}
    return {
        "machine": machine(), "versions": versions(options),
        "unit": unit,
        "options": {"target": options.target, "cpu": options.cpu, "size": options.size,
                    "level": options.level, "runs": options.runs,
                    "option": options.option},
        "labels": labels, "programs": programs, "summary": suites,
        "left_out": list(left_out), "failures": failures}


def amount(data, value):
    """With its unit: so long, or so many instructions."""
    if data["unit"] == "instructions":
        return f"{value:,}"
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def aligned(rows, words=(0,)):
    """Columns of numbers, but for those of words."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(cell.ljust(width) if index in words else cell.rjust(width)
                  for index, (cell, width) in enumerate(zip(row, widths)))
        .rstrip() for row in rows)


def versioned_forms(data, suite):
    """The forms whose loops there is a column of: the first, and memories of 64
    bits. Rows of the suite of loops are functions."""
    forms = dict.fromkeys(
        cell["form"] for program in data["programs"]
        for cell in program["cells"].values()
        if suite == program["suite"] == "loops" and cell["form"])
    return [form for index, form in enumerate(forms)
            if index == 0 or form == "w64"]


def versions_of(program, form):
    """How many of a row's loops have a copy without checks, as the first way
    has it, and why others have none."""
    found = next((cell["loops"] for cell in program["cells"].values()
                  if cell["form"] == form and cell.get("loops")), None)
    if not found:
        return "-"
    reasons = [what.removeprefix("not versioned: ") for what in found
               if what != "versioned"]
    counts = f"{len(found) - len(reasons)} of {len(found)}"
    return "; ".join([counts, *dict.fromkeys(reasons)])


def ratio(program, label):
    cell = program["cells"].get(label)
    if not cell:
        return "-"
    return f"{cell['ratio']:.3f}" if "ratio" in cell else "failed"


def table(data):
    """A line for each program, in ratios over native; what each column comes
    to; what compiling took."""
    parts = []
    for suite, sums in data["summary"].items():
        others = list(sums)[1:]
        versions = versioned_forms(data, suite)
        rows = [[suite, "native", *others,
                 *(f"versioned {form}" for form in versions)]]
        for program in data["programs"]:
            if program["suite"] != suite:
                continue
            median = program["cells"]["native"]["median"]
            rows.append([program["name"], amount(data, median),
                         *(ratio(program, label) for label in others),
                         *(versions_of(program, form) for form in versions)])
        for title, key in (("geometric mean", "geometric_mean"),
                           ("worst", "worst"), ("median spread", "spread")):
            rows.append([title, f"{sums['native'][key]:.3f}"] +
                        [f"{sums[label][key]:.3f}" if sums[label] else "-"
                         for label in others] + ["" for _ in versions])
        words = range(2 + len(others), len(rows[0]))
        parts.append(aligned(rows, (0, *words)))
        rows = [["compiling", "seconds", "peak MiB", "code KiB"]]
        for label in others:
            total = sums[label]
            if not total or total["compile_seconds"] is None:
                continue
            rows.append([label, f"{total['compile_seconds']:.2f}",
                         f"{total['compile_peak_kib'] / 1024:.0f}",
                         f"{total['text'] / 1024:.0f}"
                         if total["text"] else "-"])
        if len(rows) > 1:
            parts.append(aligned(rows))
    for title, lines in (("left out:", data["left_out"]),
                         ("failed:", data["failures"])):
        if lines:
            parts.append("\n".join([title, *lines]))
    return "\n\n".join(parts)


def json_text(data):
    return json.dumps(data, indent=1) + "\n"


def csv_text(data):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["suite", "program", "row", "engine", "form",
                     f"median_{data['unit']}", "ratio", "spread", "compile_seconds", "compile_peak_kib",
                     "text_bytes", "error", "loops"])
    for program in data["programs"]:
        for cell in program["cells"].values():
            cost = cell.get("compile", {})
            writer.writerow([
                program["suite"], program["program"], program["name"],
                cell["engine"], cell["form"], cell.get("median", ""),
                cell.get("ratio", ""), cell.get("spread", ""), cost.get("seconds", ""),
                cost.get("peak_kib", ""), cost.get("text") or "",
                cell["error"] or "", "; ".join(cell.get("loops", []))])
    return out.getvalue()
