"""Many findings in few lines: errors one by one, warnings by kind."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.knowledge.schema import Finding

SHOWN = 3


def grouped(findings: Sequence[Finding], shown: int = SHOWN) -> list[str]:
    """Lines to print: every error; of each kind of warning the first few and how many more there are.

    A kind is a table, a column and a remedy: the remedy is the rule's own sentence, the message names the values.
    """
    lines = [finding.one_line() for finding in findings if finding.severity == "error"]
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.severity != "error":
            kinds.setdefault((finding.table, finding.column, finding.remedy), []).append(finding)
    for (table, column, _), members in kinds.items():
        lines += [finding.one_line() for finding in members[:shown]]
        rest = len(members) - shown
        if rest > 0:
            place = f"{table}.{column}" if column else table
            lines.append(f"{members[0].severity}: {rest:,} more of this kind in {place} (--all prints them)")
    return lines
