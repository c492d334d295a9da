"""``targetboard annotate``: one VCF in, one document, one table and one annotated VCF out, whole or not at all."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from targetboard.batches.shared_work import SharedWork
from targetboard.commands.evidence_options import add_evidence_options, evidence_request
from targetboard.commands.knowledge import add_knowledge_option, knowledge_folders
from targetboard.commands.manifest_options import add_manifest_options, one_sample_only
from targetboard.commands.side_options import add_side_options, side_paths
from targetboard.errors import ExitCode, OutputError, TargetboardError, UsageError
from targetboard.files import no_room, remove_leftovers
from targetboard.model import Assembly

if TYPE_CHECKING:
    from targetboard.action.tumour_types import TumourTypes

ANNOTATED_VCF = ("full", "hits", "none")
OUTPUTS = (".json", ".variants.tsv", ".actions.tsv", ".annotated.vcf.gz.tbi", ".annotated.vcf.gz")
"""Files of a sample by what follows its id; the document first, which appears last."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "annotate",
        help="read a tumour VCF and write its document, table and annotated VCF",
        description="Writes ID.json, ID.variants.tsv, ID.actions.tsv, ID.annotated.vcf.gz and its index into DIR.",
        allow_abbrev=False,
    )
    parser.add_argument("--vcf", metavar="FILE", type=Path, help="VCF of the tumour: plain, gzip or bgzip")
    parser.add_argument("--sample-id", metavar="ID", help="name of the sample; names the output files")
    parser.add_argument("--assembly", choices=[str(name) for name in Assembly], help="genome assembly of the VCF")
    context = parser.add_mutually_exclusive_group()
    context.add_argument("--tumour-type", metavar="ONCOTREE", help="OncoTree code, for example NSCLC, COADREAD, MEL")
    context.add_argument(
        "--condition", metavar="disease:NAME", help="a condition that is no tumour; switches the tumour logic off"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the outputs")
    parser.add_argument(
        "--fasta", metavar="FILE", type=Path, help="reference FASTA with .fai: REF is checked, indels left-aligned"
    )
    parser.add_argument(
        "--gff3", metavar="FILE", type=Path, help="gene models; with --fasta, consequences are computed where missing"
    )
    parser.add_argument("--tumour-sample", metavar="NAME", help="tumour column, where the header does not tell")
    parser.add_argument("--normal-sample", metavar="NAME", help="matched normal column, where the header does not tell")
    parser.add_argument("--purity", metavar="X", help="fraction of tumour cells, 0 to 1")
    parser.add_argument(
        "--clinical", metavar="FILE", type=Path, help="sample sheet, or a table of one row, with clinical columns"
    )
    add_side_options(parser)
    add_evidence_options(parser)
    parser.add_argument(
        "--annotated-vcf",
        choices=ANNOTATED_VCF,
        default="full",
        help="records of the annotated VCF: all, those with a verdict (an indexed file is then read only where the"
        " knowledge tables have genes and alleles), or no such file (default: full)",
    )
    parser.add_argument(
        "--only-hits",
        action="store_true",
        help="report only alleles that a row of the knowledge tables matches, for a quick look at many or large files:"
        " uncertain variants are counted, nothing is said to be absent, the annotated VCF holds the hits, and of an"
        " indexed file only genes with rows are read",
    )
    parser.add_argument(
        "--restrict-to-index",
        action="store_true",
        help="read an indexed VCF only where the knowledge tables have genes and alleles, also where all of it is"
        " written again: records elsewhere are copied as they are, unproved",
    )
    parser.add_argument("--allow-missing-eof", action="store_true", help="accept BGZF without its end-of-file block")
    parser.add_argument(
        "--failure-document",
        action="store_true",
        help="write a failed document and exit 0 where the input is at fault (used by the workflow)",
    )
    add_knowledge_option(parser)
    add_manifest_options(parser)
    parser.add_argument(
        "--settings", metavar="JSON", default="", help="with --manifest: files and options by assembly (the workflow's)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Annotate one sample, or with ``--manifest`` every sample of a sheet or of a batch of it."""
    if options.manifest:
        from targetboard.commands.annotate_sheet import annotate_samples

        return annotate_samples(options)
    one_sample_only(options)
    required = {"--vcf": options.vcf, "--sample-id": options.sample_id, "--assembly": options.assembly}
    missing = [name for name, value in required.items() if value is None]
    if options.tumour_type is None and options.condition is None:
        missing.append("--tumour-type or --condition")
    if missing:
        raise UsageError(
            f"the following arguments are required: {', '.join(missing)}",
            where="targetboard annotate",
            remedy="See targetboard annotate --help",
        )
    annotate_sample(options, SharedWork())
    return ExitCode.OK


def outputs_of(annotated_vcf: str) -> tuple[str, ...]:
    """What follows the sample id in the names of the files that are written, for a value of ``--annotated-vcf``."""
    return OUTPUTS if annotated_vcf != "none" else OUTPUTS[:3]


def annotate_sample(
    options: argparse.Namespace, shared: SharedWork, row: Mapping[str, str] | None = None
) -> TargetboardError | None:
    """Annotate one sample; with ``--failure-document`` an expected error becomes a failed document, and is returned.

    ``row`` holds the sample's cells of the sheet, where that has been read already.
    """
    from targetboard.samples import valid_sample_id

    if not valid_sample_id(options.sample_id):
        raise UsageError(
            f"sample id {options.sample_id!r} is not allowed",
            where="--sample-id",
            remedy="Use letters, digits, dot, underscore and hyphen, at most 64, beginning with a letter or digit",
        )
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder cannot be made ({error.strerror})", where=str(out), remedy="Choose another --out"
        ) from None
    remove_leftovers(out, [f"{options.sample_id}{suffix}" for suffix in OUTPUTS], _work_prefix(options))
    try:
        _annotate(options, shared, row)
    except OutputError:
        # a full disk says nothing about the sample, so there is nothing to document
        raise
    except OSError as error:
        if not no_room(error):
            raise
        raise OutputError(
            f"the output cannot be written ({error.strerror})", where=str(out), remedy="Free some space"
        ) from error
    except TargetboardError as error:
        if not options.failure_document:
            raise
        write_failure(options, error, shared, row)
        print(f"targetboard: error: {error.one_line()}", file=sys.stderr)
        return error
    return None


def _context(
    options: argparse.Namespace, given: Mapping[str, str] | None = None
) -> tuple[dict[str, str], float | None]:
    """Clinical columns of the sample, and its purity from the option or the sheet."""
    row: dict[str, str] = dict(given or {})
    if options.clinical and given is None:
        from targetboard.samples import read_rows, share_refusals

        rows = [values for _, values in share_refusals(read_rows(options.clinical))[0]]
        own = [values for values in rows if values.get("sample_id", options.sample_id) == options.sample_id]
        if len(own) != 1:
            raise UsageError(
                f"{len(own)} rows belong to sample {options.sample_id!r}",
                where=str(options.clinical),
                remedy="Give exactly one",
            )
        row = own[0]
    text = options.purity if options.purity is not None else row.get("purity", "")
    if not text:
        return row, None
    try:
        purity = float(text)
    except ValueError:
        purity = -1.0
    if not 0 <= purity <= 1:
        raise UsageError(
            f"purity {text!r} is no fraction", where="--purity", remedy="Give a number from 0 to 1, such as 0.35"
        )
    return row, purity


def _prepare(shared: SharedWork) -> None:
    """Load the code that works on what was read, while other processes still read."""
    for name in ("sample_document", "report.actions_tsv", "report.variants_tsv"):
        import_module(f"targetboard.{name}")
    for library in ("cyvcf2", "pysam"):
        import_module(library)
    _ = shared.code, shared.tools


def _annotate(options: argparse.Namespace, shared: SharedWork, given: Mapping[str, str] | None) -> None:
    from targetboard.inputs.sample_inputs import read_inputs
    from targetboard.pipeline import read_variants
    from targetboard.request import Request, inputs_of
    from targetboard.samples import CONSENT, CONSENT_FROM, clinical_context

    for role in ("vcf", "fasta", "gff3"):
        path = getattr(options, role)
        if path is not None and not path.is_file():
            raise UsageError("the file does not exist", where=str(path), remedy=f"Check --{role}")
    if options.gff3 and not options.fasta:
        raise UsageError("--gff3 needs --fasta", where="targetboard annotate", remedy="Give both, or neither")
    if options.only_hits and options.coverage:
        raise UsageError(
            "--coverage shows what is absent, and --only-hits states no absence",
            where="targetboard annotate",
            remedy="Leave out one of them",
        )
    side = side_paths(options)
    row, purity = _context(options, given)
    clinical = clinical_context(row)
    base = shared.base(knowledge_folders(options.knowledge))
    tumour_types = shared.tumour_types(base)
    tumour_type = _tumour_type(options, tumour_types)
    assembly = Assembly(options.assembly)
    inputs = read_inputs(side, base, assembly, options.sample_id)
    written = "hits" if options.only_hits and options.annotated_vcf == "full" else options.annotated_vcf
    request = Request(
        options.vcf,
        assembly,
        tumour_sample=options.tumour_sample or row.get("tumour_sample") or None,
        normal_sample=options.normal_sample or row.get("normal_sample") or None,
        fasta=options.fasta,
        gff3=options.gff3,
        allow_missing_eof=options.allow_missing_eof,
        evidence=evidence_request(options),
        hits_only=written == "hits" or (written == "none" and (options.restrict_to_index or options.only_hits)),
        restricted=options.restrict_to_index and written == "full",
        only_hits=options.only_hits,
    )
    with tempfile.TemporaryDirectory(prefix=_work_prefix(options), dir=options.out) as folder:
        read = read_variants(request, base, Path(folder), meanwhile=partial(_prepare, shared))

    from targetboard.files import atomic_path
    from targetboard.provenance import FileFacts
    from targetboard.report.actions_tsv import actions_tsv
    from targetboard.report.document import dump, provenance_entry
    from targetboard.report.variants_tsv import variants_tsv
    from targetboard.sample_document import SampleFacts, document_of
    from targetboard.vcf.annotated import write_annotated_vcf, write_hits
    from targetboard.vcf.indexed import index_of

    if row.get(CONSENT_FROM):
        said = f"{CONSENT} {row[CONSENT]!r}: consent taken from another sample of the patient ({row[CONSENT_FROM]})"
        read.warnings.append(said)
    inspected = read.inspection
    own = FileFacts("vcf", inspected.path.name, inspected.sha256, inspected.size_bytes)
    # where the file was not read as a whole its index stands for it
    index = {"vcf_index": path} if not inspected.sha256 and (path := index_of(inspected.path)) is not None else {}
    facts = [
        (own, inspected.records) if role == "vcf" else (shared.file_facts(role, path), None)
        for role, path in {**inputs_of(request), **index, **side.given()}.items()
    ]
    parameters = {
        "assembly": options.assembly,
        "tumour_type": tumour_type["code"] if tumour_type else None,
        "condition": options.condition,
        "tumour_sample": request.tumour_sample,
        "normal_sample": request.normal_sample,
        "purity": purity,
        "allow_missing_eof": options.allow_missing_eof,
        "frequencies_complete": options.frequencies_complete,
        "evidence_fields": " ".join(options.evidence_field),
    }
    if written != "full":
        parameters["annotated_vcf"] = written
    if options.only_hits:
        parameters["only_hits"] = True
    if options.restrict_to_index:
        parameters["restrict_to_index"] = True
    sample = SampleFacts(
        options.sample_id, assembly, tumour_type, options.condition, clinical, row.get("patient_id", ""), purity
    )
    provenance = provenance_entry(shared.code, base, facts, shared.tools, parameters)
    document = document_of(sample, read, inputs, base, tumour_types, provenance, only_hits=options.only_hits)
    stem = options.out / options.sample_id
    # every file is written before the first one appears, and the document last: a full disk leaves the earlier set
    with ExitStack() as outputs:
        paths = {
            suffix: outputs.enter_context(atomic_path(stem.with_name(stem.name + suffix), flush=shared.flush))
            for suffix in outputs_of(options.annotated_vcf)
        }
        paths[".json"].write_bytes(dump(document))
        paths[".variants.tsv"].write_bytes(variants_tsv(document).encode("utf-8"))
        paths[".actions.tsv"].write_bytes(actions_tsv(document).encode("utf-8"))
        if written == "hits":
            write_hits(
                paths[".annotated.vcf.gz"],
                paths[".annotated.vcf.gz.tbi"],
                options.vcf,
                read.inspection,
                document,
                read.kept_lines,
            )
        elif written == "full":
            write_annotated_vcf(
                paths[".annotated.vcf.gz"],
                paths[".annotated.vcf.gz.tbi"],
                options.vcf,
                read.inspection,
                document,
                read.spliced,
            )
    for suffix in OUTPUTS[len(outputs_of(options.annotated_vcf)) :]:  # of an earlier run
        stem.with_name(f"{stem.name}{suffix}").unlink(missing_ok=True)


def _work_prefix(options: argparse.Namespace) -> str:
    return f".targetboard-{options.sample_id}-"


def _tumour_type(options: argparse.Namespace, tumour_types: TumourTypes) -> Mapping[str, Any] | None:
    if options.condition is not None:
        if not options.condition.startswith("disease:") or len(options.condition) <= len("disease:"):
            raise UsageError(
                f"condition {options.condition!r} is not known", where="--condition", remedy="Write disease:NAME"
            )
        return None
    node = tumour_types.resolve(options.tumour_type)
    return {"code": node.code, "name": node.name, "lineage": list(tumour_types.lineage(node.code))}


def write_failure(
    options: argparse.Namespace, error: TargetboardError, shared: SharedWork, given: Mapping[str, str] | None = None
) -> None:
    """Write the failed document and remove what an earlier success may have left beside it."""
    from targetboard.files import write_atomically
    from targetboard.report.document import dump, failed_document, provenance_entry, sample_entry
    from targetboard.samples import clinical_context

    row: dict[str, str] = {}
    tumour_type = None
    with suppress(TargetboardError):
        row, _ = _context(options, given)
        base = shared.base(knowledge_folders(options.knowledge))
        tumour_type = _tumour_type(options, shared.tumour_types(base))
    clinical = clinical_context(row)
    sample = sample_entry(
        options.sample_id, options.assembly, tumour_type, options.condition, clinical, row.get("patient_id", "")
    )
    provenance = provenance_entry(shared.code, None, [], [], {"tumour_type": options.tumour_type})
    named = ("vcf", "fasta", "gff3", "clinical", "assay", "coverage", "cna", "fusions", "markers", "trials")
    paths = [path for name in named if (path := getattr(options, name)) is not None]
    stem = options.out / options.sample_id
    for suffix in OUTPUTS[1:]:
        stem.with_name(stem.name + suffix).unlink(missing_ok=True)
    document = failed_document(sample, error, provenance, paths)
    write_atomically(stem.with_name(f"{stem.name}.json"), dump(document), flush=shared.flush)
