"""Measure targetboard against bcftools, vcfanno and SnpSift on generated files; write table, plot and README section.

    python tests/benchmarks/run.py                    # everything: an hour or two
    python tests/benchmarks/run.py genome --records 400000 --rounds 3
    python tests/benchmarks/run.py --list

Needs ``bcftools``, ``vcfanno`` and ``snpSift`` (Debian packages bcftools, vcfanno, snpsift) on the PATH; a missing one
is left out and named. Data are generated once, with a fixed seed, in ``--data``. Every case runs its commands in turn,
several rounds, and keeps medians and ratios to the case's reference (see measure.py). Results are kept case by case in
results/results.json, so one case can be measured anew.
"""

from __future__ import annotations

import argparse
import compileall
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import present
from measure import Command, Row, Usage, compare, run_once

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = sys.executable
OURS = {"PYTHONPATH": str(ROOT / "scripts"), "TARGETBOARD_QUIET": "1"}
COMPILE = (
    "import sys, pathlib; from targetboard.knowledge.index import build;"
    "pathlib.Path(sys.argv[2]).write_bytes(build([pathlib.Path(sys.argv[1])]).content)"
)
PANEL_RECORDS = 2000
SMALL_PANEL_RECORDS = 200
EVERY_LINE = "targetboard annotate, every line proved, whole VCF"
BY_INDEX = "targetboard annotate, by its index, whole VCF"
VERDICTS = "targetboard annotate, by its index, records with a verdict only"
HITS = "targetboard annotate, by its index, hits only (--only-hits)"


@dataclass(slots=True, frozen=True)
class Setting:
    """Where data lie and how much is measured."""

    data: Path
    records: int
    samples: int
    many: int
    rounds: int

    @property
    def log(self) -> Path:
        """Error stream of the command that runs."""
        return self.data / "last.log"


@dataclass(slots=True)
class Case:
    """Measured rows of one question, with its budgets."""

    name: str
    title: str
    note: str
    rows: list[Row]
    claims: list[dict[str, Any]]
    axis: str = "wall time as a multiple of the reference (logarithmic)"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for results.json."""
        return {
            "id": self.name,
            "title": self.title,
            "note": self.note,
            "axis": self.axis,
            "rows": [row.as_dict() for row in self.rows],
            "claims": self.claims,
        }


def claim(what: str, measured: float, limit: float | None, unit: str = "") -> dict[str, Any]:
    """A budget (None: no budget, a figure only) and what came of it; three significant digits."""
    return {"what": what, "measured": float(f"{measured:.3g}"), "limit": limit, "unit": unit}


def targetboard(*words: object) -> list[str]:
    """A command line of ours."""
    return [PYTHON, "-m", "targetboard", *(str(word) for word in words)]


def ours(name: str, *words: object, **options: Any) -> Command:
    """A measured command of ours."""
    return Command(name, targetboard(*words), environment=OURS, **options)


def generate(*words: object) -> None:
    """Run the generator."""
    command = [PYTHON, str(HERE / "generate.py"), *(str(word) for word in words)]
    subprocess.run(command, check=True, env={**os.environ, **OURS})


def emptied(folder: Path) -> Callable[[], None]:
    """An untimed step that gives a command an empty folder."""

    def step() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    return step


def present_tools(commands: Sequence[Command]) -> list[Command]:
    """The commands whose program is installed; the others are named on the error stream."""
    found = []
    for command in commands:
        if shutil.which(command.words[0]):
            found.append(command)
        else:
            print(f"left out, not installed: {command.words[0]} ({command.name})", file=sys.stderr)
    return found


def genome_files(setting: Setting, records: int) -> tuple[Path, Path]:
    """A generated genome with its index, and the knowledge base's alleles as a VCF."""
    path = setting.data / f"genome-{records}.vcf.gz"
    table = setting.data / f"genome-{records}.alleles.vcf.gz"
    if not Path(f"{path}.tbi").is_file():
        generate("genome", "--records", records, "--out", path)
    return path, table


def annotate_words(path: Path, out: Path, knowledge: Path, *more: object) -> list[object]:
    """Options of ``annotate`` for a generated file."""
    return [
        *("annotate", "--vcf", path, "--sample-id", "S", "--assembly", "GRCh38", "--tumour-type", "NSCLC"),
        *("--knowledge", knowledge, "--out", out, *more),
    ]


def compiled(setting: Setting, folder: Path = ROOT / "resources/knowledge", name: str = "index.json") -> Path:
    """The compiled index of knowledge tables, made anew each time; invented rows would not pass the lint."""
    index = setting.data / name
    subprocess.run([PYTHON, "-c", COMPILE, str(folder), str(index)], check=True, env={**os.environ, **OURS})
    return index


def genome(setting: Setting) -> Case:
    """One large file: read, annotated, written back."""
    path, table = genome_files(setting, setting.records)
    index = compiled(setting)
    out = setting.data / "out-genome"
    vcfanno = setting.data / "vcfanno.toml"
    vcfanno.write_text(
        f'[[annotation]]\nfile="{table}"\nfields=["KNOWN"]\nops=["self"]\nnames=["KNOWN"]\n', encoding="utf-8"
    )
    reference = "bcftools annotate -Oz"
    target = out / "annotated.vcf.gz"
    commands = [
        Command("bcftools view, text", ["bcftools", "view", str(path)]),
        Command(
            reference,
            ["bcftools", "annotate", "-a", str(table), "-c", "INFO/KNOWN", "-Oz", "-o", str(target), str(path)],
            before=emptied(out),
        ),
        Command(
            "vcfanno -p 2, text",
            ["vcfanno", "-p", "2", str(vcfanno), str(path)],
            environment={"IRELATE_MAX_CHUNK": "8000"},
            threads=2,
        ),
        Command("SnpSift annotate, text", ["snpSift", "annotate", str(table), str(path)], threads=2),
        ours(EVERY_LINE, *annotate_words(path, out, index), before=emptied(out), threads=2),
        ours(BY_INDEX, *annotate_words(path, out, index, "--restrict-to-index"), before=emptied(out), threads=2),
        ours(VERDICTS, *annotate_words(path, out, index, "--annotated-vcf", "hits"), before=emptied(out), threads=2),
        ours(HITS, *annotate_words(path, out, index, "--only-hits"), before=emptied(out), threads=2),
    ]
    rows = compare("genome", present_tools(commands), reference, setting.rounds, setting.log, warm_up=False)
    by_name = {row.name: row for row in rows}
    every, restricted, hits = by_name[EVERY_LINE], by_name[BY_INDEX], by_name[HITS]
    memory = max(row.memory for row in (every, restricted, by_name[VERDICTS], hits))
    size = path.stat().st_size / 1e6
    return Case(
        "genome",
        f"A genome of {setting.records:,} records",
        f"VEP CSQ and Mutect2 FORMAT, {size:,.0f} MB of BGZF; targetboard also classifies, decides and writes the"
        " document, tables and index. By its index, only lines in genes and at alleles of the knowledge tables are read"
        " and proved; all other blocks are copied.",
        rows,
        [
            claim("genome, by its index, whole VCF written: wall / bcftools annotate -Oz", restricted.wall_ratio, 0.2),
            claim("genome, by its index, hits only: the same", hits.wall_ratio, 0.03),
            claim("genome, every line proved (the default), whole VCF written: the same", every.wall_ratio, None),
            claim("genome: memory of the largest process", memory, 400, "MB"),
        ],
    )


def scaling(setting: Setting) -> Case:
    """Cost against records and against knowledge rows."""
    out = setting.data / "out-scaling"
    index = compiled(setting)
    steps = [setting.records // 8, setting.records // 4, setting.records // 2, setting.records]
    commands = [
        ours(
            f"{count:,} records",
            *annotate_words(genome_files(setting, count)[0], out, index),
            before=emptied(out),
            threads=2,
        )
        for count in steps
    ]
    rows = compare("scaling", commands, commands[0].name, setting.rounds, setting.log)
    growth = (rows[-1].wall / rows[0].wall) / (steps[-1] / steps[0])
    folders = []
    panel = panel_files(setting, 1) / "P00001.vcf.gz"
    for count in (5_000, 50_000):
        folder = setting.data / f"knowledge-{count}"
        if not folder.is_dir():
            generate("knowledge", "--rows", count, "--out", folder)
        folders.append(compiled(setting, folder, f"index-{count}.json"))
    table = [
        ours(f"panel, {rows_} alleles in the tables", *annotate_words(panel, out, folder), before=emptied(out))
        for rows_, folder in zip(("5,000", "50,000"), folders, strict=True)
    ]
    more = compare("scaling, knowledge", table, table[0].name, max(setting.rounds, 5), setting.log)
    return Case(
        "scaling",
        "How cost grows",
        "Ratios to the first row of each group: one genome of growing size; one panel against tables of growing size.",
        [*rows, *more],
        [
            claim("8 times the records: wall / 8 times the wall", growth, 1.1),
            claim("10 times the knowledge rows: CPU of a panel sample", more[-1].cpu_ratio, 3),
            claim("largest memory at any size", max(row.memory for row in rows), 400, "MB"),
        ],
    )


def panel_files(setting: Setting, samples: int, records: int = PANEL_RECORDS) -> Path:
    """A folder of generated panels with its sheet."""
    folder = setting.data / (f"panel-{samples}" if records == PANEL_RECORDS else f"panel-{samples}-{records}")
    if not (folder / "samples.tsv").is_file():
        generate("panel", "--samples", samples, "--records", records, "--out", folder)
    return folder


def panel(setting: Setting) -> Case:
    """One panel sample: a process of its own, and one more in a process that runs."""
    folder = panel_files(setting, 21)
    index = compiled(setting)
    out = setting.data / "out-panel"
    path = folder / "P00001.vcf.gz"
    single = panel_files(setting, 1, 1) / "P00001.vcf.gz"
    short = setting.data / "panel-first.tsv"
    lines = (folder / "samples.tsv").read_text(encoding="utf-8").splitlines()
    short.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    reference = "bcftools view, text"
    rounds = max(setting.rounds, 7)
    commands = [
        Command(reference, ["bcftools", "view", str(path)]),
        ours("python, empty", "--version"),
        ours("annotate, one record", *annotate_words(single, out, index), before=emptied(out)),
        ours("annotate, one process", *annotate_words(path, out, index), before=emptied(out)),
        ours("report, one process", "report", "--document", out / "S.json", "--out", out),
    ]
    rows = compare("panel", commands, reference, rounds, setting.log)
    base = rows[0]
    further = []
    for _ in range(rounds):
        spent = []
        for sheet in (short, folder / "samples.tsv"):
            emptied(out)()
            both = [
                run_once(ours(verb, verb, "--manifest", sheet, *more, "--out", out), setting.log)
                for verb, more in (("annotate", ("--knowledge", index)), ("report", ()))
            ]
            spent.append(
                Usage(sum(one.wall for one in both), sum(one.cpu for one in both), max(one.memory for one in both))
            )
        further.append(Usage((spent[1].wall - spent[0].wall) / 20, (spent[1].cpu - spent[0].cpu) / 20, spent[1].memory))
    wall, cpu = statistics.median(one.wall for one in further), statistics.median(one.cpu for one in further)
    rows.append(
        Row(
            "panel",
            "one more sample in the process, annotate + report",
            rounds,
            wall,
            cpu,
            max(one.memory for one in further),
            wall / base.wall,
            cpu / base.cpu,
            1,
        )
    )
    start = next(row for row in rows if row.name == "annotate, one record")
    return Case(
        "panel",
        f"A panel sample of {PANEL_RECORDS:,} annotated records",
        "One record shows what starting costs. The last row is the difference between 21 samples and one in a process,"
        " divided by 20.",
        rows,
        [
            claim("panel: start-up of annotate, CPU", start.cpu, 0.6, "s"),
            claim("panel: CPU of one more sample, annotate + report / bcftools view", cpu / base.cpu, 60),
        ],
    )


def workflow(setting: Setting, samples: int, records: int) -> Path:
    """A working directory whose sheet names ``samples`` rows over the generated panels."""
    folder = panel_files(setting, min(samples, setting.samples), records)
    run = setting.data / f"run-{samples}"
    shutil.rmtree(run, ignore_errors=True)
    (run / "config").mkdir(parents=True)
    head, *lines = (folder / "samples.tsv").read_text(encoding="utf-8").splitlines()
    rows = []
    for number in range(samples):
        cells = lines[number % len(lines)].split("\t")
        rows.append("\t".join([f"R{number:05d}", *cells[1:]]))
    (run / "config" / "samples.tsv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (run / "config" / "config.yaml").write_text("samples: config/samples.tsv\n", encoding="utf-8")
    return run


def snakemake(name: str, run: Path, *words: str, before: Callable[[], object] | None = None) -> Command:
    """A run of the workflow on two cores, as the README gives it for many samples."""
    return Command(
        name,
        [
            *(PYTHON, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(run)),
            *("--workflow-profile", str(ROOT / "workflow/profiles/local"), "--cores", "2", "--quiet", "all", *words),
        ],
        environment=OURS,
        before=before,
        threads=2,
    )


def many(setting: Setting, samples: int, records: int, name: str, rounds: int) -> Case:
    """A whole run against the same work in two bare processes, and a run that has nothing to do."""
    run = workflow(setting, samples, records)
    index = compiled(setting)
    out = setting.data / "out-many"
    halves = [
        " & ".join(
            " ".join(
                targetboard(
                    verb, "--manifest", run / "config/samples.tsv", "--batch", f"{half}-of-2", *more, "--out", out
                )
            )
            for half in (1, 2)
        )
        + " & wait"
        for verb, more in (("annotate", ("--knowledge", index)), ("report", ()))
    ]
    reference = "two bare processes"
    bare = Command(reference, ["/bin/sh", "-c", "; ".join(halves)], environment=OURS, before=emptied(out), threads=2)

    def fresh() -> None:
        for folder in ("results", "logs", ".targetboard", ".snakemake"):
            shutil.rmtree(run / folder, ignore_errors=True)

    commands = [bare] if rounds else []
    commands += [
        snakemake("planning (dry run)", run, "--dry-run", before=fresh),
        snakemake("whole run", run, before=fresh),
        snakemake("run with nothing to do", run),
    ]
    rows = compare(name, commands, commands[0].name, max(rounds, 1), setting.log, warm_up=False)
    found = {row.name: row for row in rows}
    claims = [
        claim(f"{samples:,} samples: planning", found["planning (dry run)"].wall, 60, "s"),
        claim(f"{samples:,} samples: memory of planning", found["planning (dry run)"].memory, 600, "MB"),
        claim(f"{samples:,} samples: run with nothing to do", found["run with nothing to do"].wall, 10, "s"),
    ]
    if rounds:
        claims.insert(
            0, claim(f"{samples:,} samples on 2 cores: whole run / bare processes", found["whole run"].wall_ratio, 1.5)
        )
    delivered = sum(1 for _ in (run / "results").glob("*/*.report.html"))
    if delivered != samples:
        raise SystemExit(f"{delivered} reports of {samples}: see {run / 'logs'}")
    return Case(
        name,
        f"{samples:,} panel samples from VCF to report, 2 cores",
        f"{records:,} records each ({min(samples, setting.samples):,} different files); the whole run"
        " includes the knowledge build, the cohort tables and pages, and the gate.",
        rows,
        claims,
    )


def cases(setting: Setting) -> Iterator[tuple[str, Callable[[], Case]]]:
    """Every case by its name."""
    yield "genome", lambda: genome(setting)
    yield "panel", lambda: panel(setting)
    yield "scaling", lambda: scaling(setting)
    yield "thousand", lambda: many(setting, setting.samples, PANEL_RECORDS, "thousand", 1)
    yield "ten-thousand", lambda: many(setting, setting.many, SMALL_PANEL_RECORDS, "ten-thousand", 0)


def versions() -> dict[str, str]:
    """Versions of the tools as they state them."""

    def first_line(*words: str) -> str:
        if not shutil.which(words[0]):
            return "not installed"
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()), "")

    return {
        "Python": platform.python_version(),
        "bcftools": first_line("bcftools", "--version").removeprefix("bcftools "),
        "vcfanno": first_line("dpkg-query", "-W", "-f", "${Version}", "vcfanno"),
        "SnpSift": first_line("dpkg-query", "-W", "-f", "${Version}", "snpsift"),
        "Snakemake": first_line(PYTHON, "-m", "snakemake", "--version"),
    }


def machine() -> dict[str, Any]:
    """Processor, cores and memory as the system names them."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    named = (line.partition(":")[2].strip() for line in info if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": next(named, platform.machine()),
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "system": f"{platform.system()} {platform.machine()}",
    }


def main() -> None:
    """Parse the command line, measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="cases to measure (default: all)")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder of generated data (several GB)")
    parser.add_argument("--records", type=int, default=4_000_000, help="records of the genome")
    parser.add_argument("--samples", type=int, default=1_000, help="different panel samples")
    parser.add_argument("--many", type=int, default=10_000, help="samples of the largest run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=present.RESULTS)
    options = parser.parse_args()
    data = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    setting = Setting(data, options.records, options.samples, options.many, options.rounds)
    known = dict(cases(setting))
    if options.list:
        print("\n".join(known))
        return
    unknown = [name for name in options.cases if name not in known]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)} (known: {', '.join(known)})")
    # as an installation has it, also where the environment keeps Python from writing bytecode
    compileall.compile_dir(ROOT / "scripts", quiet=1)
    results: dict[str, Any] = {"cases": []}
    if options.results.is_file():
        results = json.loads(options.results.read_text(encoding="utf-8"))
    for name in options.cases or known:
        made = known[name]().as_dict()
        made["date"] = datetime.date.today().isoformat()
        kept = [case for case in results["cases"] if case["id"] != name] + [made]
        results = {
            "date": made["date"],
            "machine": machine(),
            "versions": versions(),
            "cases": sorted(kept, key=lambda case: list(known).index(case["id"])),
        }
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.results == present.RESULTS:
        present.main()


if __name__ == "__main__":
    main()
