"""Time and memory of the cohort's overview: synthetic documents, and one measured run over them.

    python tests/benchmarks/cohort.py --documents results --samples 10000 --out DIR

The documents of a finished run are copied under new names; tumour type and variants of each copy are drawn by a seed,
so that the tables and figures have as much to show as a real cohort has. Prints one line: samples, size of documents,
seconds, CPU seconds and the largest resident memory of the child process.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260101


def read_documents(results: Path) -> list[dict]:
    """Documents of a folder of results, by name."""
    paths = sorted(path for path in results.glob("*/*.json") if path.stem == path.parent.name)
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def write_cohort(documents: list[dict], samples: int, out: Path) -> int:
    """Write a sheet and ``samples`` documents under ``out``; returns their size in bytes."""
    draw = random.Random(SEED)
    types = [document["sample"]["tumour_type"] for document in documents if document["sample"]["tumour_type"]]
    variants = [variant for document in documents for variant in document["variants"]]
    rows, size = ["sample_id\tvcf\tassembly\ttumour_type"], 0
    for number in range(samples):
        document = copy.copy(draw.choice(documents))
        name = f"SYN-{number:06d}"
        document["sample"] = {**document["sample"], "sample_id": name, "tumour_type": draw.choice(types)}
        if document["status"] == "complete":
            # appended, so that the indices of therapies still point at their variants
            document["variants"] = [*document["variants"], *draw.sample(variants, min(3, len(variants)))]
        folder = out / "results" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, ensure_ascii=False)
        size += (folder / f"{name}.json").write_text(text, encoding="utf-8")
        rows.append(f"{name}\tnone.vcf\tGRCh38\t{document['sample']['tumour_type']['code']}")
    (out / "samples.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return size


def main() -> int:
    """Write the documents, run ``targetboard cohort`` over them, print the figures."""
    parser = argparse.ArgumentParser(description="Time and memory of the cohort's overview")
    parser.add_argument("--documents", type=Path, required=True, help="folder of results to copy documents from")
    parser.add_argument("--samples", type=int, default=10000)
    parser.add_argument("--out", type=Path, required=True, help="folder for the synthetic documents")
    options = parser.parse_args()
    size = write_cohort(read_documents(options.documents), options.samples, options.out)
    command = [sys.executable, "-m", "targetboard", "cohort", "--samples", str(options.out / "samples.tsv")]
    command += ["--results", str(options.out / "results"), "--out", str(options.out / "cohort")]
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")})
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"samples {options.samples}  documents {size / 1e6:.0f} MB  seconds {seconds:.1f}"
        f"  CPU {used.ru_utime + used.ru_stime:.1f} s  largest memory {used.ru_maxrss / 1024:.0f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
