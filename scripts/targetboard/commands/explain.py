"""``targetboard explain``: why one variant is what it is, step by step, without a VCF."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from targetboard.commands.evidence_options import add_evidence_options, evidence_request
from targetboard.commands.knowledge import add_knowledge_option, knowledge_folders
from targetboard.errors import ExitCode
from targetboard.model import Assembly

_WIDTH = 18


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "explain",
        help="say why a variant is called what it is called",
        description='VARIANT is "BRAF p.V600E", "TERT c.-124C>T" or 7:140453136:A:T (chromosome:position:REF:ALT).',
        allow_abbrev=False,
    )
    parser.add_argument("variant", metavar="VARIANT", help='"GENE p.CHANGE", "GENE c.CHANGE" or CHROM:POS:REF:ALT')
    parser.add_argument(
        "--assembly", choices=[str(name) for name in Assembly], required=True, help="genome assembly of coordinates"
    )
    parser.add_argument("--tumour-type", metavar="ONCOTREE", required=True, help="OncoTree code, for example MEL")
    add_evidence_options(parser)
    add_knowledge_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Match, classify and assess the variant as annotate does, and print the trail."""
    from targetboard.action.assess import assess_sample
    from targetboard.action.tumour_types import TumourTypes
    from targetboard.classify.asked import asked_variant, parse_asked
    from targetboard.classify.driver import classify
    from targetboard.knowledge.loader import load
    from targetboard.knowledge.loci import Loci
    from targetboard.matching import Known
    from targetboard.report.document import variant_entry
    from targetboard.vcf.scores import join_evidence

    base = load(knowledge_folders(options.knowledge))
    assembly = Assembly(options.assembly)
    types = TumourTypes(base.tumour_types)
    tumour_type = types.resolve(options.tumour_type)
    known = Known(base, assembly, Loci.of(base, assembly))
    variant = asked_variant(parse_asked(options.variant), known)
    evidence = evidence_request(options)
    if (evidence.frequencies or evidence.scores) and variant.allele.pos:
        variant.evidence = join_evidence([(variant.allele, False)], evidence, assembly)[0]
    classify(variant, base, lineage=types.lineage(tumour_type.code))
    assessment = assess_sample(base, [variant], tumour_type.code, None, {}, None)
    entry = variant_entry(variant, base, assembly, assessment["tiers"][0])
    entry["asked"] = options.variant
    for line in trail(entry, assessment, f"{tumour_type.code} ({tumour_type.name})", base.release):
        print(line)
    return ExitCode.OK


def _row(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}}{text}"


def trail(entry: dict[str, Any], assessment: dict[str, Any], tumour_type: str, release: str) -> Iterator[str]:
    """Lines of the explanation, top down: what was asked, matches, codes, class, claims, what failed and why."""
    yield _row("variant", f"{entry['asked']}  in {tumour_type}, knowledge release {release}")
    yield _row("gene", entry["gene"] or "none of the knowledge base")
    yield _row("protein", entry["hgvsp"] or "not known: without annotation only exact alleles are recognised")
    yield _row("transcript", entry["transcript"] or "none")
    yield _row("class", entry["driver_class"])
    yield _row("because", entry["class_reason"])
    for match in entry["matches"]:
        yield _row(
            "match", f"{match['alteration_id']} at level {match['level']} ({match['kind']}, {match['evidence']})"
        )
        yield _row("", match["rule"])
        yield _row("", f"sources: {', '.join(match['sources']) or 'none'}")
    if not entry["matches"]:
        yield _row("match", "none")
    for miss in entry["near_misses"]:
        yield _row("near miss", f"{miss['alteration_id']}: {miss['reason']}")
    oncogenicity = entry["oncogenicity"]
    if oncogenicity is None:
        yield _row("oncogenicity", "not evaluable: the consequence is not known")
    else:
        low, high = oncogenicity["points_range"]
        yield _row(
            "oncogenicity", f"{oncogenicity['class']}, {oncogenicity['points']} points (could be {low} to {high})"
        )
        for code in oncogenicity["criteria"]:
            points = f"{code['points']:+d}" if code["status"] == "met" else "?"
            yield _row("", f"{code['code']:<6}{points:>3}  {code['status']}: {code['evidence']}")
    for sentence in entry["could_change"]:
        yield _row("could change", sentence)
    for flag in entry["flags"]:
        yield _row("flag", flag)
    for note in entry["notes"]:
        yield _row("note", note)
    yield _row("tier", entry["tier"]["amp"] or "none")
    for claim in assessment["therapies"]:
        what = " + ".join(claim["drugs"]) or claim["implication"]
        yield _row(
            "claim",
            f"{claim['claim_id']}: {what}, {claim['direction'] or claim['implication']}, {claim['amp'] or 'no tier'}",
        )
        yield _row("", f"{claim['amp_basis']} State: {claim['state']}. Sources: {', '.join(claim['sources'])}")
    if not assessment["therapies"]:
        yield _row("claim", "none: only validated drivers carry statements on treatment, diagnosis or prognosis")
    for item in assessment["withheld"]:
        yield _row("withheld", f"{item['claim_id']}: {item['reason']}")
    for item in assessment["resistance"]:
        yield _row(
            "resistance", f"{item['kind']}: {item['mechanism']}; next: {', '.join(item['next_line']) or 'not sourced'}"
        )
