"""A sample document as a FHIR R4 Bundle in the profiles of HL7's Genomics Reporting guide (STU 3, 3.0.0).

One genomic report with the variants and events as Variant observations, each with its classification (diagnostic
implication); treatment statements as therapeutic implications derived from what they rest on; markers as molecular
biomarkers; the assay as a genomic study whose analysis lists the genes studied, called and not called. The five states
are kept apart: present, absent, no call, indeterminate, and an absent value with the reason "not performed". A
statement that depends on an open condition has no response code, only the words. Identifiers follow from the sample and
the finding, times from the document; there is no clock, and nothing is coded that the guide does not code.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from targetboard.classify.context import consent_refused
from targetboard.export.fhir_codes import (
    ABSENT_REASON,
    ASSEMBLIES,
    CONSEQUENCES,
    DIAGNOSTIC_SERVICE,
    DISPLAYS,
    GUIDE,
    HGNC,
    HGVS,
    LIKELY_GERMLINE,
    LOINC,
    NUCCORE,
    OBSERVATION_CATEGORY,
    ONE_BASED,
    PRESENCE,
    RESISTANT,
    RESPONSIVE,
    SEQUENCE_ONTOLOGY,
    SOMATIC,
    TBD,
    UCUM,
    UNKNOWN_ORIGIN,
)
from targetboard.model import Assembly
from targetboard.signing.status import judgements, sign_out
from targetboard.vcf.contigs import ACCESSIONS

Json = dict[str, Any]

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "targetboard")
_REPORT_STATUS = {"draft": "preliminary", "stale": "preliminary", "final": "final", "amended": "amended"}
_MARKER_CODES = {"TMB": "94076-7", "MSI": "81695-9"}
_ABSENT = {"not_assessed": "not-performed", "failed": "error"}
_MEGABASE = "1/1000000{Base}"


@dataclass(slots=True)
class _Bundle:
    """Resources in order, and the references that implications need."""

    sample_id: str
    status: str
    entries: list[Json] = field(default_factory=list)
    subject: Json = field(default_factory=dict)
    specimen: Json = field(default_factory=dict)
    effective: str = ""
    hgnc: Mapping[str, str] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)

    def add(self, key: str, resource: Json) -> Json:
        """Give a resource its identifier, append it, and return a reference to it; a repeated key gets a number."""
        self.keys[key] += 1
        number = f"\n{self.keys[key]}" if self.keys[key] > 1 else ""
        name = str(uuid.uuid5(_NAMESPACE, f"{self.sample_id}\n{key}{number}"))
        own = {"resourceType": resource.pop("resourceType"), "id": name, **resource}
        self.entries.append({"fullUrl": f"urn:uuid:{name}", "resource": own})
        return {"reference": f"urn:uuid:{name}"}

    def observation(self, key: str, profile: str, code: Json, **parts: object) -> Json:
        """Append an observation of a profile of the guide; empty parts are left out."""
        resource = {
            "resourceType": "Observation",
            "meta": {"profile": [GUIDE + profile]},
            "status": self.status,
            "category": [
                _concept(OBSERVATION_CATEGORY, "laboratory", "Laboratory"),
                *([_concept(TBD, "biomarker-category")] if profile == "molecular-biomarker" else []),
                _concept(DIAGNOSTIC_SERVICE, "GE", "Genetics"),
            ],
            "code": code,
            "subject": self.subject,
            "specimen": self.specimen,
            "effectiveDateTime": self.effective,
            **parts,
        }
        return self.add(key, {name: part for name, part in resource.items() if part not in ("", [], {}, None)})

    def gene(self, symbol: str) -> Json | None:
        """Component "gene studied": the HGNC number as code and the symbol as display, or the symbol as text."""
        if not symbol:
            return None
        number = self.hgnc.get(symbol)
        value = _concept(HGNC, number, symbol) if number else {"text": symbol}
        return _component(_loinc("48018-6"), valueCodeableConcept=value)


def bundle(document: Mapping[str, Any]) -> Json:
    """The Bundle (type collection) of a sample document; see the module for what goes where.

    A failed document yields a report with status ``cancelled`` and the error as its conclusion, and no finding.
    """
    sample = document["sample"]
    clinical = sample["clinical"]
    signed = sign_out(document)
    failed = document["status"] == "failed"
    status = "cancelled" if failed else _REPORT_STATUS[signed["status"]]
    made = _Bundle(sample["sample_id"], status)
    made.hgnc = {entry["gene"]: entry["hgnc_id"] for entry in document.get("genes", ())}
    made.effective = clinical.get("collection_date", "")
    made.subject = made.add("patient", _patient(sample))
    made.specimen = made.add("specimen", _specimen(sample, made.subject))
    results: list[Json] = []
    study: Json | None = None
    if not failed:
        study = _study(document, made)
        results = _findings(document, made)
    made.add("report", _report(document, made, signed, results, study, status))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:uuid:{uuid.uuid5(_NAMESPACE, made.sample_id)}",
        },
        "entry": made.entries,
    }


def fhir(document: Mapping[str, Any]) -> bytes:
    """The Bundle as JSON text."""
    return (json.dumps(bundle(document), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _findings(document: Mapping[str, Any], made: _Bundle) -> list[Json]:
    """Observations of every finding; the references the report lists as its results."""
    named: dict[str, list[Json]] = {}
    variants: list[Json] = []
    results: list[Json] = []
    for variant in document["variants"]:
        reference = _variant(document, variant, made)
        variants.append(reference)
        results += [reference, _classified(document, variant, reference, made)]
        for match in variant["matches"]:
            named.setdefault(match["alteration_id"], []).append(reference)
    for number, event in enumerate(document["events"]):
        reference = _event(event, number, made)
        results.append(reference)
        for name in event["alterations"]:
            named.setdefault(name, []).append(reference)
    for negative in document["negatives"]:
        if negative["state"] != "detected":  # what was found stands above as its own observation
            reference = _negative(negative, made)
            results.append(reference)
            named.setdefault(negative["gene"], []).append(reference)
    for marker in document["markers"]:
        reference = _marker(marker, made)
        results.append(reference)
        named.setdefault(marker["marker_id"], []).append(reference)
    for therapy in document["therapies"]:
        rests_on = [variants[index] for index in therapy["variants"]]
        for name in therapy["biomarkers"]:
            rests_on += named.get(name, [])
        unique = {reference["reference"]: reference for reference in rests_on}
        if unique:  # the profile demands a finding; a claim that rests on none here is not exported
            results.append(_implication(document, therapy, list(unique.values()), made))
    return results


def _variant(document: Mapping[str, Any], variant: Mapping[str, Any], made: _Bundle) -> Json:
    assembly = document["sample"]["assembly"]
    accession = _accession(assembly, variant["chrom"])
    end = variant["pos"] + len(variant["ref"]) - 1
    components = [
        made.gene(variant["gene"]),
        _assembly(assembly),
        _coded("48013-7", _concept(NUCCORE, accession, accession)),
        _coded("51958-7", _concept(NUCCORE, variant["transcript"], variant["transcript"]))
        if (variant["transcript"] or "").startswith(("NM_", "NR_", "XM_"))
        else _coded("51958-7", {"text": variant["transcript"]} if variant["transcript"] else None),
        _coded("48004-6", _hgvs(_with_transcript(variant["transcript"], variant["hgvsc"]))),
        _coded("48005-3", _hgvs(_predicted(variant["hgvsp"]))),
        _coded("81290-9", _hgvs(_genomic(accession, variant))),
        _component(_loinc("81254-5"), valueRange={"low": {"value": variant["pos"]}, "high": {"value": end}}),
        _coded("92822-6", _answer(ONE_BASED)),
        _component(_loinc("69547-8"), valueString=variant["ref"]),
        _component(_loinc("69551-0"), valueString=variant["alt"]),
        _coded("48002-0", _answer(_source(document, variant))),
        _quantity("81258-6", variant["vaf"]),
        _quantity("82121-5", variant["alt_depth"]),
        _component(_tbd("molecular-consequence"), valueCodeableConcept=_consequence(variant["consequence"])),
        _text(variant["class_reason"]),
    ]
    key = f"variant {variant['chrom']} {variant['pos']} {variant['ref']} {variant['alt']}"
    return made.observation(
        key,
        "variant",
        _loinc("69548-6"),
        valueCodeableConcept=_answer(PRESENCE["detected"]),
        component=[part for part in components if part],
    )


def _classified(document: Mapping[str, Any], variant: Mapping[str, Any], of: Json, made: _Bundle) -> Json:
    """What the variant is taken for: our class and the class of the oncogenicity standard, in words."""
    oncogenicity = variant["oncogenicity"]
    words = variant["driver_class"].replace("_", " ")
    if oncogenicity:
        points = "" if oncogenicity["points"] is None else f", {oncogenicity['points']} points"
        words += f" (ClinGen/CGC/VICC: {oncogenicity['class']}{points})"
    key = f"class {variant['chrom']} {variant['pos']} {variant['ref']} {variant['alt']}"
    return made.observation(
        key,
        "diagnostic-implication",
        _tbd("diagnostic-implication"),
        derivedFrom=[of],
        component=[
            _coded("53037-8", {"text": words}),
            *([_coded("81259-4", _tumour(document))] if _tumour(document) else []),
            _text(variant["class_reason"]),
        ],
    )


def _event(event: Mapping[str, Any], number: int, made: _Bundle) -> Json:
    copies = event["value"].removesuffix(" copies")
    components = [
        made.gene(event["gene"]),
        made.gene(event["partner"]),
        _quantity("82155-3", float(copies)) if copies != event["value"] and _is_number(copies) else None,
        _text(f"{event['label']} ({event['value']}; {event['source']}). {event['class_reason']}"),
    ]
    return made.observation(
        f"event {number} {event['label']}",
        "variant",
        _loinc("69548-6"),
        valueCodeableConcept=_answer(PRESENCE["detected"]),
        component=[part for part in components if part],
    )


def _negative(negative: Mapping[str, Any], made: _Bundle) -> Json:
    state = negative["state"]
    components = [
        made.gene(negative["gene"]),
        _text(f"{negative['label']}: {state.replace('_', ' ')}. {negative['reason']}"),
    ]
    return made.observation(
        f"negative {negative['negative_id']}",
        "variant",
        _loinc("69548-6"),
        valueCodeableConcept=_answer(PRESENCE[state]) if state in PRESENCE else None,
        dataAbsentReason=None if state in PRESENCE else _concept(ABSENT_REASON, "not-performed", "Not Performed"),
        component=[part for part in components if part],
    )


def _marker(marker: Mapping[str, Any], made: _Bundle) -> Json:
    code = _MARKER_CODES.get(marker["marker_id"])
    parts: Json = {}
    value = marker["value"]
    if marker["state"] in _ABSENT:
        parts["dataAbsentReason"] = _concept(ABSENT_REASON, _ABSENT[marker["state"]])
    elif marker["state"] == "inconclusive":
        parts["valueCodeableConcept"] = _answer(PRESENCE["inconclusive"])
    elif marker["marker_id"] == "TMB" and value and _is_number(value):
        parts["valueQuantity"] = {
            "value": float(value),
            "unit": "Mutations/Megabase",
            "system": UCUM,
            "code": _MEGABASE,
        }
    elif value:
        parts["valueString"] = f"{value} {marker['unit']}".strip()
    else:
        parts["valueCodeableConcept"] = _answer(PRESENCE[marker["state"]])
    if marker["reason"]:
        parts["note"] = [{"text": f"{marker['state'].replace('_', ' ')}: {marker['reason']}"}]
    if marker["method"]:
        parts["method"] = {"text": marker["method"]}
    is_burden = marker["marker_id"] == "TMB" and "valueQuantity" in parts
    return made.observation(
        f"marker {marker['marker_id']}",
        "molecular-biomarker",
        {**(_loinc(code) if code else {}), "text": marker["label"]},
        interpretation=[{"text": f"cutoff {marker['cutoff']}"}] if is_burden and marker["cutoff"] else None,
        **parts,
    )


def _implication(
    document: Mapping[str, Any], therapy: Mapping[str, Any], rests_on: Sequence[Json], made: _Bundle
) -> Json:
    """A claim: therapeutic ones with their drugs, the others in words; tier and conditions beside."""
    open_conditions = [*therapy["unknown"], *(c["text"] for c in therapy["conditions"] if c["state"] != "met")]
    conditional = therapy["state"] == "unknown"
    about = {"sensitive": "may respond", "resistant": "resistant", "not_indicated": "not indicated"}
    said = about.get(therapy["direction"] or "", therapy["implication"])
    words = [f"{therapy['biomarker']}: {said}"]
    if therapy["note"]:
        words.append(therapy["note"])
    if open_conditions:
        words.append("depends on: " + "; ".join(open_conditions))
    words.append("sources: " + ", ".join(therapy["sources"]))
    tier = {"text": f"AMP/ASCO/CAP tier {therapy['amp']}"} if therapy["amp"] else None
    components: list[Json | None] = []
    therapeutic = therapy["implication"] in {"therapeutic", "safety"}
    if therapeutic:
        code = {"sensitive": RESPONSIVE, "resistant": RESISTANT}.get(therapy["direction"] or "")
        answer = {"text": f"conditional: {said}"} if conditional else _answer(code) if code else {"text": said}
        components.append(_component(_tbd("therapeutic-implication"), valueCodeableConcept=answer))
        components += [_coded("51963-7", {"text": drug}) for drug in therapy["drugs"]]
    components += [_coded("93044-6", tier), _coded("81259-4", _tumour(document)), _text(". ".join(words))]
    kind = "therapeutic-implication" if therapeutic else "diagnostic-implication"
    return made.observation(
        f"claim {therapy['claim_id']}",
        kind,
        _tbd(kind),
        derivedFrom=list(rests_on),
        component=[part for part in components if part],
    )


def _study(document: Mapping[str, Any], made: _Bundle) -> Json:
    """The assay as a genomic study with one analysis: which genes were studied, called and not called."""
    judged = [negative for negative in document["negatives"] if negative["state"] != "not_assessed"]
    genes = sorted({negative["gene"] for negative in judged})
    uncalled = {negative["gene"] for negative in judged if negative["state"] in {"failed", "inconclusive"}}
    skipped = [negative["label"] for negative in document["negatives"] if negative["state"] == "not_assessed"]
    said = "Genes with a coverage verdict for this tumour type; other genes of the panel are not listed."
    if skipped:
        said += f" Not assessed: {', '.join(skipped)}."
    regions: list[Json] = [{"url": "description", "valueString": said}]
    for url, listed in (
        ("studied", genes),
        ("called", [gene for gene in genes if gene not in uncalled]),
        ("uncalled", sorted(uncalled)),
    ):
        regions += [{"url": url, "valueCodeableConcept": _gene_value(gene, made)} for gene in listed]
    assay = document["assay"]
    extensions: list[Json] = [
        {
            "url": GUIDE + "genomic-study-analysis-genome-build",
            "valueCodeableConcept": _answer(ASSEMBLIES[document["sample"]["assembly"]]),
        },
        {"url": GUIDE + "genomic-study-analysis-regions", "extension": regions},
        {"url": GUIDE + "genomic-study-analysis-specimen", "valueReference": made.specimen},
    ]
    if assay:
        title = " ".join(part for part in (assay["name"], assay["version"]) if part)
        extensions.insert(0, {"url": GUIDE + "genomic-study-analysis-title", "valueString": title})
    laboratory = _concept(OBSERVATION_CATEGORY, "laboratory", "Laboratory")
    procedure = {"resourceType": "Procedure", "status": "completed", "category": laboratory, "subject": made.subject}
    analysis = made.add(
        "study analysis",
        {**procedure, "meta": {"profile": [GUIDE + "genomic-study-analysis"]}, "extension": extensions},
    )
    return made.add(
        "study",
        {
            **procedure,
            "meta": {"profile": [GUIDE + "genomic-study"]},
            "extension": [{"url": GUIDE + "genomic-study-analysis-ext", "valueReference": analysis}],
        },
    )


def _report(
    document: Mapping[str, Any],
    made: _Bundle,
    signed: Mapping[str, Any],
    results: Sequence[Json],
    study: Json | None,
    status: str,
) -> Json:
    if status == "cancelled":
        error = document["error"]
        conclusion = f"Not analysed: {error['what']} ({error['where']}). {error['remedy']}"
    else:
        lines = [line["text"] for line in document["headline"]]
        conclusion = "\n".join([signed["statement"], *judgements(document), *lines])
    resource: Json = {
        "resourceType": "DiagnosticReport",
        "meta": {"profile": [GUIDE + "genomic-report"]},
        "extension": [{"url": GUIDE + "genomic-study-reference", "valueReference": study}] if study else [],
        "status": status,
        "category": [_concept(DIAGNOSTIC_SERVICE, "GE", "Genetics")],
        "code": _loinc("51969-4"),
        "subject": made.subject,
        "effectiveDateTime": made.effective,
        "specimen": [made.specimen],
        "result": list(results),
        "conclusion": conclusion,
    }
    return {name: part for name, part in resource.items() if part not in ("", [])}


def _patient(sample: Mapping[str, Any]) -> Json:
    """The pseudonym and nothing else that could name a person."""
    patient: Json = {"resourceType": "Patient"}
    if sample["patient_id"]:
        patient["identifier"] = [{"value": sample["patient_id"]}]
    if sample["clinical"].get("sex"):
        patient["gender"] = sample["clinical"]["sex"]
    return patient


def _specimen(sample: Mapping[str, Any], subject: Json) -> Json:
    clinical = sample["clinical"]
    collection: Json = {}
    if clinical.get("collection_date"):
        collection["collectedDateTime"] = clinical["collection_date"]
    if clinical.get("site"):
        collection["bodySite"] = {"text": clinical["site"]}
    specimen: Json = {
        "resourceType": "Specimen",
        "meta": {"profile": [GUIDE + "specimen"]},
        "identifier": [{"value": value} for value in (clinical.get("specimen_id"), sample["sample_id"]) if value],
        "type": {"text": clinical["specimen_type"]} if clinical.get("specimen_type") else None,
        "subject": subject,
        "collection": collection,
    }
    return {name: part for name, part in specimen.items() if part}


def _tumour(document: Mapping[str, Any]) -> Json | None:
    tumour = document["sample"]["tumour_type"]
    if tumour:
        return {"text": f"{tumour['name']} (OncoTree {tumour['code']})"}
    condition = document["sample"]["condition"]
    return {"text": condition} if condition else None


def _source(document: Mapping[str, Any], variant: Mapping[str, Any]) -> tuple[str, str]:
    """Origin of a variant: somatic only where a matched normal was read; without one, or without consent, unknown."""
    if "germline_suspect" in variant["flags"]:
        if consent_refused(document["sample"]["clinical"]):
            return UNKNOWN_ORIGIN
        return LIKELY_GERMLINE
    return SOMATIC if document["sample"]["normal_column"] else UNKNOWN_ORIGIN


def _accession(assembly: str, chrom: str) -> str:
    return next((name for name, own in ACCESSIONS[Assembly(assembly)].items() if own == chrom), chrom)


def _genomic(accession: str, variant: Mapping[str, Any]) -> str:
    """``NC_000007.14:g.140753336A>T`` for single bases; other changes would need the reference to be named rightly."""
    single = len(variant["ref"]) == 1 and len(variant["alt"]) == 1
    return f"{accession}:g.{variant['pos']}{variant['ref']}>{variant['alt']}" if single else ""


def _with_transcript(transcript: str | None, hgvsc: str | None) -> str:
    return f"{transcript}:{hgvsc}" if transcript and hgvsc else ""


def _predicted(hgvsp: str | None) -> str:
    """Parentheses say that the protein change was computed, not measured."""
    return f"p.({hgvsp.removeprefix('p.')})" if hgvsp else ""


def _hgvs(text: str) -> Json | None:
    return _concept(HGVS, text, text) if text else None


def _consequence(terms: str | None) -> Json | None:
    if not terms:
        return None
    listed = terms.split("&")
    coding = [
        {"system": SEQUENCE_ONTOLOGY, "code": CONSEQUENCES[term], "display": term}
        for term in listed
        if term in CONSEQUENCES
    ]
    return {"coding": coding, "text": terms} if coding else {"text": terms}


def _assembly(assembly: str) -> Json | None:
    return _coded("62374-4", _answer(ASSEMBLIES[assembly]))


def _gene_value(gene: str, made: _Bundle) -> Json:
    component = made.gene(gene)
    value: Json = component["valueCodeableConcept"] if component else {"text": gene}
    return value


def _component(code: Json, **value: object) -> Json | None:
    return {"code": code, **value} if all(part not in (None, "") for part in value.values()) else None


def _coded(code: str, value: Json | None) -> Json | None:
    return _component(_loinc(code), valueCodeableConcept=value)


def _quantity(code: str, value: float | None) -> Json | None:
    if value is None:
        return None
    return _component(_loinc(code), valueQuantity={"value": value, "system": UCUM, "code": "1"})


def _text(words: str) -> Json | None:
    return _component(_tbd("conclusion-string"), valueString=words)


def _answer(code: tuple[str, str]) -> Json:
    return _concept(LOINC, *code)


def _loinc(code: str) -> Json:
    return _concept(LOINC, code, DISPLAYS[code])


def _tbd(code: str) -> Json:
    return _concept(TBD, code)


def _concept(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
