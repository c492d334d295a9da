"""Guard against slower code: counts and ratios of one run, never seconds.

    python tests/benchmarks/guard.py

Three figures that hold on any machine, each with a limit about half above what was measured when it was set:

* how many Python functions ``annotate`` calls for a further panel record and for a further panel sample (a count: the
  same on every machine with one version of Python),
* CPU of a further sample, annotated and rendered in a running process, as a multiple of what the bundled
  ``bcftools view`` takes for the same file in the same run (the least of several rounds),
* how many functions the same sample calls against six times the knowledge alleles.

Exits with 1 and the figures where a limit is passed. A change that is meant to cost more moves the limit in its own
commit and says why.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import generate

from targetboard.cli import main as targetboard
from targetboard.knowledge.index import build

RECORDS = 2_000
ROUNDS = 7
BCFTOOLS = "import sys, pysam.bcftools as b; b.view('-o', sys.argv[2], sys.argv[1], catch_stdout=False)"


@dataclass(slots=True, frozen=True)
class Figure:
    """A measured figure and the most it may be."""

    what: str
    measured: float
    limit: float


def calls(work: Callable[[], object]) -> int:
    """Python function calls that some work makes, in this process and thread."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        if event == "call":
            count += 1

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def run(*words: object) -> None:
    """A verb in this process; anything but success ends the guard."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = targetboard([str(word) for word in words])
    if code != 0:
        raise SystemExit(f"targetboard {words[0]} ended with {code}: {said.getvalue()}")


def annotate(vcf: Path, index: Path, out: Path) -> None:
    """Annotate one panel file."""
    out.mkdir(exist_ok=True)
    run(
        *("annotate", "--vcf", vcf, "--sample-id", "S", "--assembly", "GRCh38", "--tumour-type", "NSCLC"),
        *("--knowledge", index, "--out", out),
    )


def bcftools_cpu(vcf: Path, out: Path) -> float:
    """CPU seconds of the bundled bcftools view above what starting it takes."""
    empty = out.with_name("empty.vcf")
    with vcf.open(encoding="utf-8") as lines:
        empty.write_text("".join(line for line in lines if line.startswith("#")), encoding="utf-8")
    spent = []
    for path in (empty, vcf):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", BCFTOOLS, str(path), str(out)], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return spent[1] - spent[0]


def measure(folder: Path) -> list[Figure]:
    """Generate the files and take every figure."""
    indices = []
    for rows in (0, 20_000):
        tables = folder / f"knowledge-{rows}"
        generate.knowledge(rows, tables, 1)
        indices.append(folder / f"index-{rows}.json")
        indices[-1].write_bytes(build([tables]).content)
    files: dict[int, Path] = {}
    for records in (RECORDS // 2, RECORDS):
        generate.panel(1, records, folder / f"panel-{records}", 1)
        packed = folder / f"panel-{records}" / "P00001.vcf.gz"
        files[records] = packed.with_suffix("")
        with generate.pysam.BGZFile(str(packed)) as stream:
            files[records].write_bytes(stream.read())
    out = folder / "out"
    for path in files.values():
        annotate(path, indices[0], out)
    run("report", "--document", out / "S.json", "--out", out)
    half, whole = (calls(lambda path=path: annotate(path, indices[0], out)) for path in files.values())
    annotate(files[RECORDS], indices[1], out)
    larger = calls(lambda: annotate(files[RECORDS], indices[1], out))
    ratios = []
    for _ in range(ROUNDS):
        start = time.process_time()
        annotate(files[RECORDS], indices[0], out)
        run("report", "--document", out / "S.json", "--out", out)
        ratios.append((time.process_time() - start) / max(bcftools_cpu(files[RECORDS], folder / "view.vcf"), 0.001))
    return [
        Figure("function calls of annotate for one more record", (whole - half) / (RECORDS // 2), LIMITS["record"]),
        Figure(f"function calls of annotate for a sample of {RECORDS} records", whole, LIMITS["sample"]),
        Figure("the same with 20,000 knowledge alleles, as a multiple", larger / whole, LIMITS["knowledge"]),
        Figure("CPU of annotate and report / bcftools view, least of the rounds", min(ratios), LIMITS["ratio"]),
    ]


LIMITS = {"record": 130.0, "sample": 600_000.0, "knowledge": 2.0, "ratio": 60.0}


def report(figures: Sequence[Figure]) -> int:
    """Print every figure; 1 where one is above its limit."""
    for figure in figures:
        state = "ok" if figure.measured <= figure.limit else "ABOVE ITS LIMIT"
        print(f"{figure.what}: {figure.measured:.4g} (limit {figure.limit:g}) {state}")
    return int(any(figure.measured > figure.limit for figure in figures))


def main() -> int:
    """Measure in a folder that is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="targetboard-guard-"))
    try:
        return report(measure(folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
