"""Write toy.fa, toy.fa.fai and toy.gff3: invented genes on an invented chromosome 1. Run it here after a change."""

from __future__ import annotations

import random
from pathlib import Path

HERE = Path(__file__).parent
WIDTH = 60
CODON = {
    "A": "GCT", "C": "TGC", "D": "GAC", "E": "GAA", "F": "TTC", "G": "GGT", "H": "CAC", "I": "ATC", "K": "AAG",
    "L": "CTG", "M": "ATG", "N": "AAC", "P": "CCA", "Q": "CAG", "R": "CGT", "S": "TCC", "T": "ACT", "V": "GTT",
    "W": "TGG", "Y": "TAC", "*": "TAA",
}  # fmt: skip
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def back_translate(residues: str) -> str:
    return "".join(CODON[residue] for residue in residues)


def main() -> None:
    source = random.Random(20)  # noqa: S311  an invented sequence, not a secret
    genome = [source.choice("ACGT") for _ in range(3600)]

    def put(first: int, bases: str) -> None:
        genome[first - 1 : first - 1 + len(bases)] = bases

    def put_minus(last: int, bases: str) -> None:
        put(last - len(bases) + 1, bases.translate(COMPLEMENT)[::-1])

    # TOYA, plus strand: exons 201-320, 501-620, 801-1000; CDS 261-320, 501-620, 801-860
    toya = back_translate("MAKLPEDSGVTRHWQNCFYIGVAGKSALTIKELREATSPKANKEILDEAYVMASVDNPHVGGGQQSLLEKWRTPCDMAI*")
    put(261, toya[:60])
    put(501, toya[60:180])
    put(801, toya[180:])
    put(321, "GTAAGT")
    put(495, "TTTCAG")
    put(621, "GTAAGT")
    put(795, "TTTCAG")
    put(861, "GCTGCTGCTGCTTAGCC")  # behind the stop: four codons and another stop

    # TOYB, minus strand, in the transcript's direction: exons 2000-1921, 1800-1729, 1600-1441; the CDS begins at
    # 1970 and has 50, 72 and 61 bases, so that two codons are split by introns; a second transcript skips exon 2
    toyb = back_translate("MDHEYRLCVVVPAGWVNKSAFTWQLIENHFCDEYQPTIMDSWRKQVVYDGETCIIDMLPA*")
    put_minus(1970, toyb[:50])
    put_minus(1800, toyb[50:122])
    put_minus(1600, toyb[122:])
    put_minus(1920, "GTAAGT")
    put_minus(1806, "TTTCAG")
    put_minus(1728, "GTAAGT")
    put_minus(1606, "TTTCAG")

    # TOYC, plus strand, one exon 2501-2700, CDS 2521-2610, with an unknown base in codon 20
    put(2521, back_translate("MSTNPKPQRKTKRNTNRRPQDVKFPGGGQ*"))
    put(2579, "N")
    # TOYN, plus strand, not coding: exons 3001-3100 and 3201-3300

    sequence = "".join(genome)
    lines = [sequence[i : i + WIDTH] for i in range(0, len(sequence), WIDTH)]
    (HERE / "toy.fa").write_text(">1\n" + "\n".join(lines) + "\n", encoding="ascii")
    (HERE / "toy.fa.fai").write_text(f"1\t{len(sequence)}\t3\t{WIDTH}\t{WIDTH + 1}\n", encoding="ascii")

    gff3 = ["##gff-version 3"]

    def feature(kind: str, first: int, last: int, strand: str, phase: str, attributes: str) -> None:
        gff3.append("\t".join(["1", "toy", kind, str(first), str(last), ".", strand, phase, attributes]))

    def gene(name: str, strand: str, first: int, last: int, biotype: str = "protein_coding") -> None:
        feature("gene", first, last, strand, ".", f"ID=gene:{name};Name={name};biotype={biotype}")

    def transcript(
        name: str, accession: str, strand: str, exons: list[tuple[int, int]], cds: list[tuple[int, int]], tag: str = ""
    ) -> None:
        first, last = min(start for start, _ in exons), max(end for _, end in exons)
        biotype = "protein_coding" if cds else "lncRNA"
        tags = f";tag={tag}" if tag else ""
        attributes = f"ID=transcript:{accession};Parent=gene:{name};biotype={biotype};transcript_id={accession}{tags}"
        feature("mRNA" if cds else "lnc_RNA", first, last, strand, ".", attributes)
        for start, end in exons:
            feature("exon", start, end, strand, ".", f"Parent=transcript:{accession}")
        read = 0
        for start, end in cds:
            phase = str(-read % 3)
            parent = f"ID=CDS:{accession}p;Parent=transcript:{accession};protein_id=NP_{accession[3:]}"
            feature("CDS", start, end, strand, phase, parent)
            read += end - start + 1

    gene("TOYA", "+", 201, 1000)
    transcript(
        "TOYA", "NM_900001.1", "+", [(201, 320), (501, 620), (801, 1000)], [(261, 320), (501, 620), (801, 860)], "basic"
    )
    gene("TOYB", "-", 1441, 2000)
    three, coding = [(1921, 2000), (1729, 1800), (1441, 1600)], [(1921, 1970), (1729, 1800), (1540, 1600)]
    transcript("TOYB", "NM_900002.1", "-", three, coding, "MANE_Select")
    transcript("TOYB", "NM_900003.1", "-", [three[0], three[2]], [coding[0], coding[2]])
    gene("TOYC", "+", 2501, 2700)
    transcript("TOYC", "NM_900004.1", "+", [(2501, 2700)], [(2521, 2610)])
    gene("TOYN", "+", 3001, 3300, "lncRNA")
    transcript("TOYN", "NR_900005.1", "+", [(3001, 3100), (3201, 3300)], [])
    (HERE / "toy.gff3").write_text("\n".join(gff3) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
