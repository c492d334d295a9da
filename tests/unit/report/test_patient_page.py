"""The patient page: the checklist is answered, only validated drivers are named, hostile values stay inert."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest

from targetboard.report.patient_page.findings import findings, overruled
from targetboard.report.patient_page.page import patient_view, render_patient_page
from targetboard.report.patient_page.words import explained
from targetboard.report.sections.variant import change_of
from targetboard.signing.status import DRAFT

Example = Callable[[str], dict[str, Any]]
DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json") if path.stem != "hostile")
"""The hostile document has the same attacks in every field, so that names of one cannot be told from another's."""
CHECKLIST = (
    "tested for the markers that matter",
    "What did the test find",
    "What is the evidence",
    "What side effects",
    "What does it cost",
    "What if the drug stops working",
    "Are there clinical trials",
    "Could this run in my family",
    "My goals and my quality of life",
)


def text_of(page: str) -> str:
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for style in root.iter("style"):
        style.text = ""
    return " ".join(" ".join(root.itertext()).split())


def override(document: dict[str, Any], **entry: Any) -> dict[str, Any]:
    told = {"subject": "EGFR p.Leu858Arg", "reason": "seen in the normal", "by": "reviewer-7"}
    whole = {"kind": "variant", "field": "driver_class", "machine": "validated_driver", "claims": (), **told, **entry}
    return {**document, "sign_out": {**DRAFT, "overrides": (whole,)}}


def test_every_question_of_the_checklist_has_its_section(nsclc: dict[str, Any]) -> None:
    text = text_of(render_patient_page(nsclc))
    positions = [text.index(question) for question in CHECKLIST]
    assert positions == sorted(positions)
    assert "A match does not mean that the drug will work for you." in text
    assert "Lung panel 3" in text


def test_what_the_test_covers_is_said_by_gene(nsclc: dict[str, Any]) -> None:
    seen = patient_view(nsclc).tested
    groups = [set(seen.clear), set(seen.unclear), set(seen.not_tested)]
    assert sum(len(group) for group in groups) == len(set.union(*groups))
    assert "EGFR" not in set.union(*groups)
    assert seen.adequacy == "limited"
    assert "signs of poor DNA repair (HRD)" in (*seen.looked_for, *seen.not_looked_for)


def test_the_summary_points_to_what_stands_below_only(nsclc: dict[str, Any]) -> None:
    nsclc["negatives"] = [dict(entry, state="not_detected") for entry in nsclc["negatives"]]
    nsclc["adequacy"] = {"verdict": "limited", "reasons": ["the purity is not given"]}
    text = text_of(render_patient_page(nsclc))
    assert "They are named below" not in text
    assert "Your sample may not show it all" in text
    assert "Not all genes" not in text
    nsclc["negatives"][0].update(state="not_assessed", gene="NEW")
    assert "Not all genes that can matter for your kind of tumour were tested" in text_of(render_patient_page(nsclc))


@pytest.mark.parametrize(("state", "open_"), [("inconclusive", True), ("failed", True), ("not_assessed", False)])
def test_a_marker_without_a_clear_answer_is_not_one_without_a_result(
    state: str, open_: bool, nsclc: dict[str, Any]
) -> None:
    nsclc["markers"] = [dict(nsclc["markers"][0], state=state, value=None, label="Biallelic variants")]
    seen = patient_view(nsclc).tested
    assert ("Biallelic variants" in seen.markers_unclear) is open_
    assert ("Biallelic variants" in seen.markers_without_result) is not open_
    assert ("not clear yet" in text_of(render_patient_page(nsclc))) is open_


def test_changes_that_could_not_be_judged_are_said(nsclc: dict[str, Any]) -> None:
    said = "could not be judged"
    assert said not in text_of(render_patient_page(nsclc))
    nsclc["limitations"].append({"code": "alleles_not_evaluated", "text": "1 allele"})
    assert said in text_of(render_patient_page(nsclc))


def test_a_quick_look_is_called_one(nsclc: dict[str, Any]) -> None:
    said = "This was a quick look"
    assert said not in text_of(render_patient_page(nsclc))
    nsclc["limitations"].append({"code": "only_hits", "text": "Only hits were asked for."})
    assert said in text_of(render_patient_page(nsclc))


def test_without_coverage_nothing_is_called_absent(nsclc: dict[str, Any]) -> None:
    nsclc["provenance"]["inputs"] = [e for e in nsclc["provenance"]["inputs"] if e["role"] != "coverage"]
    assert patient_view(nsclc).tested.clear == ()
    assert "we do not say that a change is absent" in text_of(render_patient_page(nsclc))


@pytest.mark.parametrize("name", NAMES)
def test_no_variant_but_a_validated_driver_is_named(name: str, example: Example) -> None:
    document = example(name)
    text = text_of(render_patient_page(document))
    validated = {change_of(v) for v in document["variants"] if v["driver_class"] == "validated_driver"}
    others = [v for v in document["variants"] if v["driver_class"] != "validated_driver"]
    for variant in others:
        changes = {change_of(variant), variant["hgvsc"], variant["hgvsp"]} - {"", *validated}
        assert [change for change in changes if len(change) > 3 and change in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_drug_is_named_that_was_withheld_or_rests_on_other_tumours(name: str, example: Example) -> None:
    document = example(name)
    text = text_of(render_patient_page(document)).lower()
    shown = {
        drug
        for row in document["therapies"]
        if row["tumour_match"] != "other_tumour" and row["implication"] != "prognostic"
        for drug in row["drugs"]
    }
    shown |= {drug for row in document["resistance"] for drug in (*row["after"], *" ".join(row["next_line"]).split())}
    hidden = {drug for row in (*document["therapies"], *document["withheld"]) for drug in row["drugs"]} - shown
    assert [drug for drug in sorted(hidden) if drug.lower() in text] == []


def test_a_page_without_a_driver_names_no_drug(example: Example) -> None:
    text = text_of(render_patient_page(example("only_uncertain")))
    assert "We found no targeted drug" in text
    assert "The test found no change that is known to guide treatment" in text


def test_a_drug_to_which_resistance_was_found_is_not_offered(nsclc: dict[str, Any]) -> None:
    seen = patient_view(nsclc).treatments
    offered = {treatment.name for treatment in seen.offered}
    against = {drug for row in nsclc["resistance"] if row["kind"] == "found" for drug in row["after"]}
    assert "osimertinib" in offered
    assert against
    assert not offered & against
    assert not offered & set(seen.may_not_work)


def test_nothing_is_promised_and_no_outlook_is_given(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][0].update(implication="prognostic", direction=None, note="median survival 38 months")
    text = text_of(render_patient_page(nsclc)).lower()
    assert not re.search(r"surviv|prognos|median|months to live|will cure|guarante|life expectancy", text)
    assert "%" not in re.sub(r"\d[\d.]*\s%", "", text)


@pytest.mark.parametrize(
    ("consent", "said", "unsaid"),
    [
        ("yes", "may have been there since birth", "You asked not to"),
        ("no", "You asked not to be told", "since birth"),
        ("withdrawn", "You asked not to be told", "since birth"),
    ],
)
def test_inherited_findings_follow_the_consent(consent: str, said: str, unsaid: str, nsclc: dict[str, Any]) -> None:
    nsclc["variants"][0]["flags"] = ["germline_suspect"]
    nsclc["sample"]["clinical"]["consent_germline"] = consent
    text = text_of(render_patient_page(nsclc))
    assert said in text
    assert unsaid not in text
    assert ("Possibly inherited" in text) is (consent == "yes")


def test_a_word_that_is_not_used_is_not_explained(nsclc: dict[str, Any]) -> None:
    for variant in nsclc["variants"]:
        variant["flags"] = []
    assert "Possibly inherited" not in text_of(render_patient_page(nsclc))


@pytest.mark.parametrize(
    ("flag", "said"), [("chip_suspect", "may come from blood cells"), ("low_support", "The signal is weak")]
)
def test_doubts_about_a_finding_are_said(flag: str, said: str, nsclc: dict[str, Any]) -> None:
    nsclc["variants"][0]["flags"] = [flag]
    assert said in text_of(render_patient_page(nsclc))


def test_what_a_reviewer_took_out_is_gone_with_its_drugs(nsclc: dict[str, Any]) -> None:
    claims = tuple(i for i, row in enumerate(nsclc["therapies"]) if 1 in row["variants"])
    changed = override(nsclc, index=1, reviewed="uncertain", claims=claims)
    out = overruled(changed)
    assert out.variants == {1}
    assert "EGFR T790M" not in {finding.name for finding in findings(changed, out)}
    after = patient_view(changed)
    assert "osimertinib" in {treatment.name for treatment in patient_view(nsclc).treatments.offered}
    assert "osimertinib" not in {treatment.name for treatment in after.treatments.offered}
    assert [note for note in after.treatments.found if "erlotinib" in note.after] == []
    assert after.trials == ()


def test_a_change_of_tier_takes_nothing_out(nsclc: dict[str, Any]) -> None:
    changed = override(nsclc, index=0, field="tier.amp", reviewed="II-C", claims=(0,))
    assert overruled(changed).variants == frozenset()
    assert overruled(changed).claims == frozenset()


@pytest.mark.parametrize(("tier", "claims"), [("I-B", frozenset()), ("II-C", {0}), ("", {0})])
def test_a_claim_put_below_the_first_tier_is_not_offered(tier: str, claims: set[int], nsclc: dict[str, Any]) -> None:
    assert overruled(override(nsclc, kind="claim", index=0, field="amp", reviewed=tier)).claims == claims


def test_the_plain_sentence_of_a_drug_is_shown(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][0]["plain_language"] = ["osimertinib: A tablet that blocks a changed EGFR protein."]
    assert "osimertinib A tablet that blocks a changed EGFR protein." in text_of(render_patient_page(nsclc))


def test_of_several_approvals_in_one_place_the_firmest_is_told(nsclc: dict[str, Any]) -> None:
    first = {"jurisdiction": "US", "year": 2015, "status": "accelerated", "label": "", "verified_in": "unverified"}
    second = {**first, "year": 2017, "status": "approved", "verified_in": "look-up: label, fda.gov"}
    nsclc["therapies"][0]["approvals"] = [first, second, {**second, "year": 1999, "status": "withdrawn"}]
    offered = {treatment.name: treatment for treatment in patient_view(nsclc).treatments.offered}
    assert offered["osimertinib"].approvals == (("approved in the USA", "2017", True),)


def test_evidence_is_that_of_the_claims_that_stand_best(nsclc: dict[str, Any]) -> None:
    weaker = {**nsclc["therapies"][0], "claim_id": "TB9", "evidence_level": "C", "approvals": [], "conditions": []}
    nsclc["therapies"].append(weaker)
    offered = {treatment.name: treatment for treatment in patient_view(nsclc).treatments.offered}
    assert offered["osimertinib"].standing == "fits"
    assert offered["osimertinib"].evidence.startswith("Early")
    assert offered["osimertinib"].approvals == ()


def test_a_condition_that_is_no_tumour_is_not_called_one(example: Example) -> None:
    document = example("no_variants")
    document["sample"].update(tumour_type=None, condition="disease:RPE65 dystrophy")
    text = text_of(render_patient_page(document))
    assert "Illness RPE65 dystrophy" in text
    assert "Was I tested for the markers that matter" in text
    assert "tumour" not in text.lower().replace("tumour board", "")


def test_costs_are_shown_with_what_the_document_says(nsclc: dict[str, Any]) -> None:
    assert "no checked facts on cost in your country ( DE )" in text_of(render_patient_page(nsclc))
    nsclc["therapies"][0]["costs"] = ["osimertinib: high (DE, 2026)"]
    assert "osimertinib: high (DE, 2026)" in text_of(render_patient_page(nsclc))


def test_trials_that_fit_stand_with_their_date(nsclc: dict[str, Any]) -> None:
    trial = {"trial_id": "NCT00000000", "title": "A trial", "phase": "2", "countries": ["DE"], "status": "recruiting"}
    rest = {"status_as_of": "2026-05-02", "accessed": "2026-06-01"}
    nsclc["trials"] = [{**trial, **rest, "state": "match"}, {**trial, **rest, "trial_id": "NCT9", "state": "no_match"}]
    text = text_of(render_patient_page(nsclc))
    assert "NCT00000000 A trial (2) · DE · recruiting (as of 2026-05-02 )." in text
    assert "NCT9" not in text


def test_a_failed_sample_gives_no_result(example: Example) -> None:
    text = text_of(render_patient_page(example("failed_build")))
    assert "The test could not be completed" in text
    assert "What did the test find" not in text


def test_draft_and_signed_pages_say_which_they_are(nsclc: dict[str, Any]) -> None:
    assert "DRAFT – NOT SIGNED OUT This page was made by a computer" in text_of(render_patient_page(nsclc))
    final = {**DRAFT, "status": "final", "banner": "FINAL – SIGNED OUT", "statement": "Signed."}
    text = text_of(render_patient_page({**nsclc, "sign_out": final}))
    assert "FINAL – SIGNED OUT A doctor or scientist has checked" in text
    assert "DRAFT" not in text


def test_hostile_values_are_text_and_nothing_else(example: Example) -> None:
    page = render_patient_page(example("hostile"))
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert list(tree.iter("script")) == list(tree.iter("img")) == list(tree.iter("iframe")) == []
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not [name for name in attributes if str(name).startswith("on") or name in ("style", "src")]
    assert [a.get("href") for a in tree.iter("a")] == ["#content"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08]", page)


def test_two_processes_give_the_same_bytes() -> None:
    program = (
        "import json,sys,hashlib; from targetboard.report.patient_page.page import render_patient_page;"
        "print(hashlib.sha256(render_patient_page(json.load(open(sys.argv[1]))).encode()).hexdigest())"
    )
    path = str(DOCUMENTS / "nsclc_egfr_t790m.json")
    source = str(Path(__file__).resolve().parents[3] / "scripts")
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, path],
            env={**os.environ, "PYTHONPATH": source, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("stomatitis, rash", "stomatitis (sore mouth), rash"),
        ("haemolytic anaemia", "haemolytic anaemia (red blood cells that break down too early)"),
        ("fatigue (mild)", "fatigue (mild)"),
    ],
)
def test_medical_terms_are_explained_once(term: str, words: str) -> None:
    assert explained(term) == words


def test_the_example_documents_are_read(example: Example) -> None:
    assert len(NAMES) >= 6
    assert json.dumps(example(NAMES[0]))


@pytest.mark.parametrize(
    ("gene", "change", "alteration_id", "mechanism", "told"),
    [
        ("BRAF", "p.Val600Lys", "BRAF_AMP", "amplification of BRAF V600E", False),
        ("BRAF", "p.Val600Glu", "BRAF_AMP", "amplification of BRAF V600E", True),
        ("BCL2", "p.Gly101Val", "BCL2_G101V", "BCL2 Gly101Val lowers the affinity", True),
        ("BCL2", "p.Phe104Ile", "BCL2_G101V", "BCL2 Gly101Val lowers the affinity", False),
        ("KRAS", "p.Cys797Ser", "EGFR_C797S", "loss of the cysteine in C797S", False),
        ("AR", "p.Trp742Cys", "AR_W742C", "ligand-binding domain change at W742 (cell models)", True),
        ("AR", "p.Phe877Leu", "AR_W742C", "ligand-binding domain change at W742 (cell models)", False),
        ("ROS1", "p.Gly2032Arg", "", "L2086F of the ROS1 fusion", False),
        ("MET", "p.Asp1228Asn", "B2M_LOF", "loss of B2M: MEK1 and BRCA2 of cysteine 481", True),
    ],
)
@pytest.mark.parametrize("kind", ["found", "to_watch"])
def test_no_mechanism_names_a_variant_that_is_not_the_patients(
    kind: str, gene: str, change: str, alteration_id: str, mechanism: str, told: bool, nsclc: dict[str, Any]
) -> None:
    drugs = list(patient_view(nsclc).treatments.offered[0].name.split(" + "))
    nsclc["variants"][0].update(gene=gene, hgvsp=change, driver_class="validated_driver")
    entry = {**nsclc["resistance"][0], "kind": kind, "alteration_id": alteration_id, "mechanism": mechanism}
    nsclc["resistance"] = [{**entry, "after": drugs, "next_line": [], "variants": []}]
    text = text_of(render_patient_page(nsclc))
    assert (mechanism in text) is told
    if kind == "found":
        assert "A change that can stop" in text
    elif not told:
        assert "the tumour may change in one more way" in text
