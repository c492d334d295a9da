"""Plain words for the tokens of the document and for the medical terms a patient meets on the page.

The explanations are those of a dictionary: they say what a word means, and nothing about how often it happens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

SPECIMENS: Mapping[str, str] = MappingProxyType(
    {
        "FFPE": "a piece of tissue, kept in wax",
        "frozen": "a piece of frozen tissue",
        "plasma": "a blood sample (plasma)",
        "blood": "a blood sample",
        "marrow": "a bone marrow sample",
        "cytology": "a sample of single cells",
    }
)

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "snv": "changes of one letter of a gene",
        "mnv": "changes of a few letters",
        "insertion": "added letters",
        "deletion": "missing letters",
        "internal_tandem_duplication": "pieces of a gene that are there twice",
        "promoter": "changes in the switch of a gene",
        "splice": "changes in how the parts of a gene are put together",
        "amplification": "too many copies of a gene",
        "homozygous_deletion": "lost genes",
        "fusion_dna": "joined genes, read from DNA",
        "fusion_rna": "joined genes, read from RNA",
        "msi": "unstable repeats in the DNA (MSI)",
        "tmb": "the number of changes in all (TMB)",
        "hrd": "signs of poor DNA repair (HRD)",
    }
)
"""What a test can look for, in the order of the assay description."""

EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "gain_of_function": "This change can keep a growth signal switched on.",
        "loss_of_function": "This change can switch off a gene that protects the cell.",
        "switch_of_function": "This change gives the gene’s product a new task.",
        "resistance": "This change can stop some drugs from working.",
        "fusion": "Two genes have been joined. The joined gene can send a growth signal.",
        "rearrangement": "Parts of a gene have moved.",
        "amplification": "The tumour cells have too many copies of this gene.",
        "homozygous_deletion": "The tumour cells have lost this gene.",
    }
)

EVIDENCE: Mapping[str, str] = MappingProxyType(
    {
        "A": "Strong: a drug agency or an expert guideline accepts this use.",
        "B": "Good: well-run studies support it.",
        "C": "Early: it rests on small studies, or on studies in other illnesses.",
        "D": "Very early: it rests on laboratory work or on single cases.",
    }
)
NO_EVIDENCE_LEVEL = "Our sources do not grade it."

JURISDICTIONS: Mapping[str, str] = MappingProxyType(
    {
        "US": "the USA",
        "EU": "the European Union",
        "UK": "the United Kingdom",
        "GB": "the United Kingdom",
        "CH": "Switzerland",
        "JP": "Japan",
        "CN": "China",
        "CA": "Canada",
        "AU": "Australia",
    }
)

APPROVALS: Mapping[str, str] = MappingProxyType(
    {
        "approved": "approved in",
        "conditional": "approved with conditions in",
        "accelerated": "approved early, while more proof is gathered, in",
    }
)
"""Kinds of approval that stand, the firmest first."""

_TERMS: Mapping[str, str] = MappingProxyType(
    {
        "acneiform dermatitis": "rash that looks like acne",
        "anaemia": "too few red blood cells",
        "arterial occlusive events": "blocked arteries",
        "boxed warning": "most serious warning of the label",
        "cardiomyopathy": "weak heart muscle",
        "central nervous system effects": "effects on the brain",
        "cognitive impairment": "trouble with thinking or memory",
        "colitis": "inflamed bowel",
        "creatine kinase": "a blood value of the muscles",
        "creatine phosphokinase": "a blood value of the muscles",
        "cytokine release syndrome": "a strong reaction of the immune system",
        "cytopenias": "too few blood cells",
        "differentiation syndrome": "a sudden reaction with fever and trouble breathing",
        "dyslipidaemia": "changed blood fats",
        "dyspnoea": "shortness of breath",
        "electrocardiogram": "a recording of the heartbeat, ECG",
        "electrolytes": "blood salts",
        "fatigue": "tiredness",
        "haemolytic anaemia": "red blood cells that break down too early",
        "hand-foot syndrome": "sore, red hands and feet",
        "hyperglycaemia": "high blood sugar",
        "hypersensitivity": "allergic reaction",
        "hypertension": "high blood pressure",
        "hypothyroidism": "underactive thyroid",
        "interstitial lung disease": "inflamed lungs",
        "keratitis": "inflamed surface of the eye",
        "left ventricular dysfunction": "weak heart",
        "musculoskeletal pain": "pain in muscles and bones",
        "neutropenia": "too few white blood cells",
        "oedema": "swelling",
        "paraesthesia": "tingling",
        "paronychia": "inflamed skin around the nails",
        "peripheral neuropathy": "damaged nerves in hands and feet",
        "pneumonitis": "inflamed lungs",
        "prolonged QTc interval": "a change of the heart rhythm",
        "stomatitis": "sore mouth",
        "thrombocytopenia": "too few blood platelets",
        "venous thromboembolism": "blood clots in the veins",
    }
)
_TERM = re.compile(
    "|".join(rf"\b{re.escape(term)}\b(?! \()" for term in sorted(_TERMS, key=lambda term: (-len(term), term)))
)


def explained(text: str) -> str:
    """Text in which each medical term of the table is followed by what it means, in brackets."""
    return _TERM.sub(lambda found: f"{found[0]} ({_TERMS[found[0]]})", text)
