"""``targetboard explain``: why one variant is what it is, step by step, without a VCF."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from targetboard.commands.knowledge import add_knowledge_option, knowledge_folders
from targetboard.errors import ExitCode, UsageError
from targetboard.model import Assembly

if TYPE_CHECKING:
    from targetboard.knowledge.records import KnowledgeBase
    from targetboard.model import TranscriptConsequence, Variant

_COORDINATES = re.compile(
    r"(?P<chrom>[A-Za-z0-9_.]+)[:\-](?P<pos>\d+)[:\-](?P<ref>[ACGTNacgtn]+)[:\->](?P<alt>[ACGTNacgtn]+)"
)
_PROTEIN = re.compile(r"(?P<gene>[A-Za-z0-9-]+)[ :](?P<change>\S+)")
_WIDTH = 18


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "explain",
        help="say why a variant is called what it is called",
        description='VARIANT is "BRAF p.V600E" or 7:140453136:A:T (chromosome:position:REF:ALT).',
        allow_abbrev=False,
    )
    parser.add_argument("variant", metavar="VARIANT", help='"GENE p.CHANGE", or CHROM:POS:REF:ALT')
    parser.add_argument(
        "--assembly", choices=[str(name) for name in Assembly], required=True, help="genome assembly of coordinates"
    )
    parser.add_argument("--tumour-type", metavar="ONCOTREE", required=True, help="OncoTree code, for example MEL")
    add_knowledge_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Match, classify and assess the variant as annotate does, and print the trail."""
    from targetboard.action.assess import assess_sample
    from targetboard.action.tumour_types import TumourTypes
    from targetboard.classify.driver import classify
    from targetboard.knowledge.loader import load
    from targetboard.report.document import variant_entry

    base = load(knowledge_folders(options.knowledge))
    assembly = Assembly(options.assembly)
    types = TumourTypes(base.tumour_types)
    tumour_type = types.resolve(options.tumour_type)
    variant = _variant(options.variant, assembly, base)
    classify(variant, base, lineage=types.lineage(tumour_type.code))
    assessment = assess_sample(base, [variant], tumour_type.code, None, {}, None)
    entry = variant_entry(variant, base, assembly, assessment["tiers"][0])
    entry["asked"] = options.variant
    for line in trail(entry, assessment, f"{tumour_type.code} ({tumour_type.name})", base.release):
        print(line)
    return ExitCode.OK


def _variant(text: str, assembly: Assembly, base: KnowledgeBase) -> Variant:
    """Build the variant as if a VCF had named it.

    Raises
    ------
    UsageError
        If the text is neither coordinates nor a protein change, or the gene is unknown.
    """
    from targetboard.knowledge.loci import Loci
    from targetboard.knowledge.match import match
    from targetboard.model import InputAllele, Observation, Variant
    from targetboard.vcf.contigs import harmonise
    from targetboard.vcf.implied import implied_consequence, placeholder_allele
    from targetboard.vcf.normalise import trim

    chosen: TranscriptConsequence | None = None
    gene_name = ""
    coordinates = _COORDINATES.fullmatch(text.strip())
    protein = None if coordinates else _PROTEIN.fullmatch(text.strip())
    if coordinates:
        chrom = harmonise(coordinates["chrom"], assembly)
        if chrom is None:
            raise UsageError(
                f"chromosome {coordinates['chrom']!r} is not known", where=text, remedy="Use 1-22, X, Y or MT"
            )
        allele = trim(chrom, int(coordinates["pos"]), coordinates["ref"].upper(), coordinates["alt"].upper())
        exact = base.alleles.get(assembly, {}).get(allele.key(), ())
        at = Loci.of(base, assembly).at(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)
        gene_name = base.alterations[exact[0].alteration_id].gene if exact else at[0].gene if at else ""
        if exact:
            known = exact[0]
            transcript = base.genes[gene_name].transcript_refseq
            chosen = implied_consequence(gene_name, transcript, known.hgvsp, "knowledge", known.hgvsc)
    elif protein:
        gene = base.gene(protein["gene"])
        if gene is None:
            raise UsageError(
                f"gene {protein['gene']!r} is not in the knowledge base",
                where=text,
                remedy="Only genes of resources/knowledge/genes.tsv can be explained",
            )
        transcript = gene.transcript_refseq or gene.transcript_ensembl
        chosen = implied_consequence(gene.gene, transcript, protein["change"], "")
        if chosen is None:
            raise UsageError(
                f"{protein['change']!r} is no protein change", where=text, remedy="Write it as p.V600E or p.Val600Glu"
            )
        gene_name = gene.gene
        allele = placeholder_allele(protein["change"], gene.chrom)
    else:
        raise UsageError(
            f"{text!r} is neither coordinates nor a protein change",
            where="targetboard explain",
            remedy='Write 7:140453136:A:T or "BRAF p.V600E"',
        )
    consequences = (chosen,) if chosen else ()
    found = match(base, assembly, allele, chosen, consequences)
    return Variant(
        allele,
        InputAllele(0, 0, allele.chrom, allele.pos, allele.ref, allele.alt, 0),
        Observation(None, "not available: no VCF was read", None, None, ""),
        consequences,
        chosen=chosen,
        gene=gene_name,
        matches=found.matches,
        near_misses=found.near_misses,
    )


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
    yield _row("tier", entry["tier"]["amp"] or "none")
    for claim in assessment["therapies"]:
        what = " + ".join(claim["drugs"]) or claim["implication"]
        yield _row(
            "claim",
            f"{claim['claim_id']}: {what}, {claim['direction'] or claim['implication']}, {claim['amp'] or 'no tier'}",
        )
        yield _row("", f"{claim['amp_basis']} State: {claim['state']}. Sources: {', '.join(claim['sources'])}")
    if not assessment["therapies"]:
        yield _row("claim", "none: only validated drivers carry therapies")
    for item in assessment["withheld"]:
        yield _row("withheld", f"{item['claim_id']}: {item['reason']}")
    for item in assessment["resistance"]:
        yield _row(
            "resistance", f"{item['kind']}: {item['mechanism']}; next: {', '.join(item['next_line']) or 'not sourced'}"
        )
