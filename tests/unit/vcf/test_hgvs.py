"""Protein descriptions: what is read, what is refused, and which spellings are one event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.vcf.hgvs import (
    ProteinChange,
    ProteinEdit,
    ProteinKind,
    format_protein,
    parse_protein,
    protein_edit,
    residue_mismatch,
    split_accession,
)

# EGFR from residue 738 (through exon 19 into exon 20) and ERBB2 from residue 765.
EGFR_EXON_19 = (738, "VKIPVAIKELREATSPKANKEILDEAYVMASVDNPHVC")
ERBB2_EXON_20 = (765, "KEILDEAYVMAGVGSPYVSRLLGI")


@pytest.mark.parametrize(
    ("text", "three", "one"),
    [
        ("p.V600E", "p.Val600Glu", "p.V600E"),
        ("V600E", "p.Val600Glu", "p.V600E"),
        ("p.(Val600Glu)", "p.Val600Glu", "p.V600E"),
        ("NP_004324.2:p.Val600Glu", "p.Val600Glu", "p.V600E"),
        ("ENSP00000288602.6:p.(V600E)", "p.Val600Glu", "p.V600E"),
        ("NM_004333.4(BRAF):p.Val600Glu", "p.Val600Glu", "p.V600E"),
        ("p.V600delinsE", "p.Val600Glu", "p.V600E"),
        ("p.R213*", "p.Arg213Ter", "p.R213*"),
        ("p.R213X", "p.Arg213Ter", "p.R213*"),
        ("p.Arg213Ter", "p.Arg213Ter", "p.R213*"),
        ("p.R213*fs*1", "p.Arg213Ter", "p.R213*"),
        ("p.R213*fs", "p.Arg213Ter", "p.R213*"),
        ("p.Leu858=", "p.Leu858=", "p.L858="),
        ("p.Leu858%3D", "p.Leu858=", "p.L858="),
        ("p.L858L", "p.Leu858=", "p.L858="),
        ("p.Ter300Ter", "p.Ter300=", "p.*300="),
        ("p.=", "p.=", "p.="),
        ("p.(=)", "p.=", "p.="),
        ("ENST00000361445.4:c.7500T>G(p.%3D)", "p.=", "p.="),
        ("p.?", "p.?", "p.?"),
        ("p.(?)", "p.?", "p.?"),
        ("p.0", "p.0", "p.0"),
        ("p.M1?", "p.Met1?", "p.M1?"),
        ("p.Met1?", "p.Met1?", "p.M1?"),
        ("p.M1V", "p.Met1Val", "p.M1V"),
        ("p.E746_A750del", "p.Glu746_Ala750del", "p.E746_A750del"),
        ("p.E746_A750delELREA", "p.Glu746_Ala750del", "p.E746_A750del"),
        ("p.E746_A750del5", "p.Glu746_Ala750del", "p.E746_A750del"),
        ("p.Glu746_Ala750delGluLeuArgGluAla", "p.Glu746_Ala750del", "p.E746_A750del"),
        ("p.K57del", "p.Lys57del", "p.K57del"),
        ("p.L747_P753delinsS", "p.Leu747_Pro753delinsSer", "p.L747_P753delinsS"),
        ("p.L747_P753delLREATSPinsS", "p.Leu747_Pro753delinsSer", "p.L747_P753delinsS"),
        ("p.E746_A750>IP", "p.Glu746_Ala750delinsIlePro", "p.E746_A750delinsIP"),
        ("p.I669_T670delinsMI", "p.Ile669_Thr670delinsMetIle", "p.I669_T670delinsMI"),
        ("p.IleThr669MetIle", "p.Ile669_Thr670delinsMetIle", "p.I669_T670delinsMI"),
        ("p.L747_P753delins*", "p.Leu747_Pro753delinsTer", "p.L747_P753delins*"),
        ("p.Y772_A775dup", "p.Tyr772_Ala775dup", "p.Y772_A775dup"),
        ("p.Y772_A775dupYVMA", "p.Tyr772_Ala775dup", "p.Y772_A775dup"),
        ("p.G12dup", "p.Gly12dup", "p.G12dup"),
        ("p.A775_G776insYVMA", "p.Ala775_Gly776insTyrValMetAla", "p.A775_G776insYVMA"),
        ("p.G12_G13ins3", "p.Gly12_Gly13insXaaXaaXaa", "p.G12_G13insXXX"),
        ("p.R97Pfs*23", "p.Arg97ProfsTer23", "p.R97Pfs*23"),
        ("p.Arg97ProfsTer23", "p.Arg97ProfsTer23", "p.R97Pfs*23"),
        ("p.R97PfsX23", "p.Arg97ProfsTer23", "p.R97Pfs*23"),
        ("p.R97fs*23", "p.Arg97fsTer23", "p.R97fs*23"),
        ("p.R97fs", "p.Arg97fs", "p.R97fs"),
        ("p.Arg97fs*?", "p.Arg97fs", "p.R97fs"),
        ("p.R97Pfs*?", "p.Arg97ProfsTer?", "p.R97Pfs*?"),
        ("p.Ter110GlnextTer17", "p.Ter110GlnextTer17", "p.*110Qext*17"),
        ("p.*110Qext*17", "p.Ter110GlnextTer17", "p.*110Qext*17"),
        ("p.X110Qext*?", "p.Ter110GlnextTer?", "p.*110Qext*?"),
        ("p.*110Q", "p.Ter110GlnextTer?", "p.*110Qext*?"),
        ("p.Ter394CysextTer9", "p.Ter394CysextTer9", "p.*394Cext*9"),
        ("p.Met1ext-5", "p.Met1ext-5", "p.M1ext-5"),
        ("p.Sec46Cys", "p.Sec46Cys", "p.U46C"),
    ],
)
def test_reads_and_formats(text: str, three: str, one: str) -> None:
    change = parse_protein(text)
    assert change is not None
    assert format_protein(change) == three
    assert format_protein(change, one_letter=True) == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p.",
        "p.746_750del",
        "p.ELREA746del",
        "p.E746_A750delELRE",
        "p.E746_A750delQLREA",
        "p.E746_A750del4",
        "p.A750_E746del",
        "p.E746_E746del",
        "p.V0E",
        "p.V600",
        "V600",
        "p.v600e",
        "p.B600E",
        "p.V600E;K601N",
        "p.[V600E;K601N]",
        "p.V600E/K",
        "p.(Gly719Ala^Ser)",
        "p.Ala2[10]",
        "p.G12_A14insV",
        "p.V600EE",
        "p.V600_K601E",
        "BRAF V600E",
        "p.V٦٠٠E",
        "p.V6000000E",
        "c.1799T>A",
        "p.V600E\x00",
        "p.%00",
        "p.<script>alert(1)</script>",
        "p.G12_G13ins99999",
        "p.*110delinsQ*",
        "p." + "A" * 5000,
        "p.E746_A750delins" + "A" * 5000,
    ],
)
def test_refuses_rather_than_guesses(text: str) -> None:
    assert parse_protein(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("p.V600E", ProteinKind.SUBSTITUTION),
        ("p.R213*", ProteinKind.NONSENSE),
        ("p.L858=", ProteinKind.SYNONYMOUS),
        ("p.E746_A750del", ProteinKind.DELETION),
        ("p.A767_V769dup", ProteinKind.DUPLICATION),
        ("p.D770_N771insG", ProteinKind.INSERTION),
        ("p.L747_P753delinsS", ProteinKind.DELINS),
        ("p.R97fs", ProteinKind.FRAMESHIFT),
        ("p.*110Qext*17", ProteinKind.EXTENSION),
        ("p.M1?", ProteinKind.START_LOST),
        ("p.0", ProteinKind.NO_PROTEIN),
        ("p.?", ProteinKind.UNKNOWN),
    ],
)
def test_kinds(text: str, kind: ProteinKind) -> None:
    change = parse_protein(text)
    assert change is not None
    assert change.kind is kind


@pytest.mark.parametrize(
    ("window", "spellings"),
    [
        (ERBB2_EXON_20, ["p.Y772_A775dup", "p.A775_G776insYVMA", "p.M774_A775insAYVM", "p.E770_A771insAYVM"]),
        (ERBB2_EXON_20, ["p.G776delinsVC", "p.G776_V777delinsVCV"]),
        (EGFR_EXON_19, ["p.E746_A750del", "p.E746_T751delinsT", "p.K745_A750delinsK"]),
        (EGFR_EXON_19, ["p.L747_P753delinsS", "p.E746_P753delinsES"]),
        (EGFR_EXON_19, ["p.A767_V769dup", "p.V769_D770insASV", "p.M766_A767insASV"]),
        (EGFR_EXON_19, ["p.E746*", "p.E746_A750delins*", "p.K745_E746ins*", "p.K745_A750delinsK*"]),
    ],
)
def test_spellings_of_one_event_are_one_edit(window: tuple[int, str], spellings: list[str]) -> None:
    edits = [protein_edit(change, window) if (change := parse_protein(text)) else None for text in spellings]
    assert None not in edits
    assert len(set(edits)) == 1


def test_edit_is_left_aligned_and_minimal() -> None:
    change = parse_protein("p.Y772_A775dup")
    assert change is not None
    assert protein_edit(change, ERBB2_EXON_20) == ProteinEdit(771, "", "AYVM")
    # the residue before the repeat may lie outside a narrow window: then the left-most place is not known
    assert protein_edit(change, (771, "AYVMAG")) is None
    # a window that begins with the protein has nothing to its left
    first = parse_protein("p.A3dup")
    assert first is not None
    assert protein_edit(first, (1, "AAAG")) == ProteinEdit(1, "", "A")
    assert protein_edit(first, (2, "AAG")) is None


@pytest.mark.parametrize(
    "text",
    ["p.R97fs", "p.M1?", "p.L858=", "p.*110Qext*17", "p.?", "p.0", "p.=", "p.A767_S768insXX", "p.E746_A750delinsELREA"],
)
def test_no_edit(text: str) -> None:
    change = parse_protein(text)
    assert change is not None
    assert protein_edit(change, EGFR_EXON_19) is None


def test_distinct_events_stay_distinct() -> None:
    texts = ["p.E746_A750del", "p.L747_P753delinsS", "p.L747_A750delinsP", "p.L747_T751del", "p.E746_S752delinsV"]
    edits = {protein_edit(change, EGFR_EXON_19) for text in texts if (change := parse_protein(text))}
    assert None not in edits
    assert len(edits) == len(texts)


def test_numbering_that_disagrees_with_the_reference_is_said() -> None:
    change = parse_protein("p.G719A")
    assert change is not None
    assert residue_mismatch(change, (718, "LGS")) is None
    said = residue_mismatch(change, (718, "LFS"))
    assert said == "Gly719 stated, but residue 719 of the reference is Phe"
    assert protein_edit(change, (718, "LFS")) is None
    assert residue_mismatch(change, (100, "LFS")) is None
    assert protein_edit(change, (100, "LFS")) is None


def test_accession_is_split() -> None:
    assert split_accession("NP_005219.2:p.Leu858Arg") == ("NP_005219.2", "p.Leu858Arg")
    assert split_accession("NM_005228.3:c.2573T>G") == ("NM_005228.3", "c.2573T>G")
    assert split_accession("p.Leu858Arg") == ("", "p.Leu858Arg")
    assert split_accession("NP_1.1:p.Leu8%3D") == ("NP_1.1", "p.Leu8=")


residue = st.sampled_from("ACDEFGHIKLMNPQRSTVWY")
residues = st.text(residue, min_size=1, max_size=12)
number = st.integers(1, 40_000)


@st.composite
def changes(draw: st.DrawFn) -> ProteinChange:
    kind = draw(st.sampled_from(sorted(ProteinKind)))
    start, ref = draw(number), draw(residue)
    end = start + draw(st.integers(0, 30))
    end_ref = ref if end == start else draw(residue)
    alt = draw(residues)
    match kind:
        case ProteinKind.SUBSTITUTION:
            return ProteinChange(kind, start, start, ref, ref, draw(residue.filter(lambda letter: letter != ref)))
        case ProteinKind.NONSENSE:
            return ProteinChange(kind, start, start, ref, ref, "*")
        case ProteinKind.SYNONYMOUS | ProteinKind.DELETION | ProteinKind.DUPLICATION:
            return ProteinChange(kind, start, end, ref, end_ref)
        case ProteinKind.INSERTION:
            return ProteinChange(kind, start, start + 1, ref, draw(residue), alt + draw(st.sampled_from(["", "*"])))
        case ProteinKind.DELINS:
            return ProteinChange(kind, start, start + 3, ref, draw(residue), alt + draw(st.sampled_from(["", "*"])))
        case ProteinKind.FRAMESHIFT:
            ter = draw(st.none() | st.integers(2, 999))
            return ProteinChange(kind, start, start, ref, ref, draw(st.sampled_from(["", alt[0]])), ter)
        case ProteinKind.EXTENSION:
            return ProteinChange(kind, start, start, "*", "*", alt[0], draw(st.none() | st.integers(1, 999)))
        case ProteinKind.START_LOST:
            return ProteinChange(kind, 1, 1, "M", "M")
        case _:
            return ProteinChange(kind)


@given(changes(), st.booleans())
def test_round_trip(change: ProteinChange, one_letter: bool) -> None:
    assert parse_protein(format_protein(change, one_letter=one_letter)) == change


@given(st.text(max_size=60) | st.text("pV600Edelinsupfx*_()?=>%3DTerGly:.12", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    change = parse_protein(text)
    if change is not None:
        assert parse_protein(format_protein(change)) == change


@given(st.text(st.sampled_from("AG"), min_size=3, max_size=14), st.data())
def test_edits_are_equal_exactly_when_the_proteins_are(protein: str, data: st.DataObject) -> None:
    """The canonical edit is a function of the resulting protein alone, over all ins/del/dup spellings."""

    def spelling() -> tuple[str, ProteinChange]:
        first = data.draw(st.integers(0, len(protein) - 1))
        last = data.draw(st.integers(first + 1, len(protein)))
        new = data.draw(st.text(st.sampled_from("AG"), max_size=4))
        result = protein[:first] + new + protein[last:]
        ends = (first + 1, last, protein[first], protein[last - 1])
        if not new:
            return result, ProteinChange(ProteinKind.DELETION, *ends)
        return result, ProteinChange(ProteinKind.DELINS, *ends, new)

    (one, change_one), (two, change_two) = spelling(), spelling()
    edit_one, edit_two = protein_edit(change_one, (1, protein)), protein_edit(change_two, (1, protein))
    assert (edit_one is None) == (one == protein)
    assert (edit_one == edit_two) == (one == two)
    if edit_one is not None:
        index = edit_one.position - 1
        assert protein[:index] + edit_one.inserted + protein[index + len(edit_one.deleted) :] == one
