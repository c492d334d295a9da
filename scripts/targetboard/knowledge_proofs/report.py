"""Both proofs together, as the command line and a page print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from targetboard.knowledge.records import KnowledgeBase
from targetboard.knowledge_proofs.alterations import AlterationProofs, prove_alterations
from targetboard.knowledge_proofs.claims import ClaimProofs, prove_claims
from targetboard.knowledge_proofs.running import ReferenceFiles
from targetboard.model import Assembly


@dataclass(slots=True, frozen=True)
class ProofReport:
    """Outcome of the proofs of one knowledge base."""

    alterations: AlterationProofs
    claims: ClaimProofs

    @property
    def holds(self) -> bool:
        """Whether every proof holds and every mutation was noticed."""
        return not self.problems()

    def problems(self) -> list[str]:
        """Rows whose proof fails, then rows whose mutation no proof noticed; one line each."""
        unnoticed = [*self.alterations.survivors, *self.claims.survivors]
        return [
            *self.alterations.failures(),
            *self.claims.failures,
            *(f"{line}: the mutated row was not noticed" for line in unnoticed),
        ]

    def lines(self) -> list[str]:
        """The shares, then dormant claims with what they wait for, then the problems."""
        dormant = [
            f"{claim}: waits for {', '.join(names)} to be validated" for claim, names in self.claims.dormant.items()
        ]
        return [*self.alterations.summary(), *self.claims.summary(), *dormant, *self.problems()]


def prove(kb: KnowledgeBase, workdir: Path, references: Mapping[Assembly, ReferenceFiles] | None = None) -> ProofReport:
    """Prove every alteration and every claim.

    Parameters
    ----------
    kb
        The knowledge base.
    workdir
        Existing directory for temporary files.
    references
        FASTA and GFF3 by assembly; without them grade A (alleles) is left out.
    """
    return ProofReport(prove_alterations(kb, workdir, references), prove_claims(kb, workdir))
