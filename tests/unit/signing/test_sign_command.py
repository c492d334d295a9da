"""Signing by the command line: what becomes FINAL, what stays or becomes a draft again, and what is refused."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jsonschema import Draft202012Validator

from targetboard.cli import main
from targetboard.commands.report import FORMATS, read_with_sign_out
from targetboard.signing.status import DRAFT, judgements, sign_out

Sign = Callable[..., int]
Rewrite = Callable[[Callable[[dict[str, Any]], None]], None]
Table = Callable[..., Path]
Output = pytest.CaptureFixture[str]


def status(path: Path) -> tuple[str, str]:
    found = sign_out(read_with_sign_out(path))
    return found["status"], found["banner"]


def page(path: Path) -> str:
    assert main(["report", "--document", str(path), "--out", str(path.parent)]) == 0
    return path.with_name("NSCLC-014.report.html").read_text(encoding="utf-8")


def verify(path: Path, *more: str) -> int:
    return main(["sign", "--verify", "--document", str(path), *more])


def more_points(document: dict[str, Any]) -> None:
    document["variants"][3]["driver_class"] = "uncertain"


def head_of(path: Path) -> str:
    signature = json.loads(path.with_name("NSCLC-014.signature.json").read_text(encoding="utf-8"))
    return str(signature["log"]["head"])


def test_only_an_approval_makes_the_report_final(document_path: Path, sign: Sign) -> None:
    assert sign_out(read_with_sign_out(document_path)) == DRAFT
    assert sign("reviewed") == 0
    assert status(document_path) == ("draft", "DRAFT – REVIEWED, NOT APPROVED")
    assert "FINAL" not in page(document_path)
    assert sign("approved") == 0
    assert status(document_path) == ("final", "FINAL – VERSION 1")
    text = page(document_path)
    assert "FINAL – VERSION 1" in text
    assert "approved by R. Example (Pathologist) on 2026-05-04" in text
    assert "DRAFT" not in text


def test_every_format_shows_the_sign_out(document_path: Path, sign: Sign) -> None:
    draft = {name: form.render(read_with_sign_out(document_path)) for name, form in FORMATS.items()}
    assert sign("approved") == 0
    final = {name: form.render(read_with_sign_out(document_path)) for name, form in FORMATS.items()}
    assert [name for name in FORMATS if draft[name] == final[name]] == []


def test_a_document_that_changed_is_a_draft_that_says_what_changed(
    document_path: Path, sign: Sign, rewrite: Rewrite, capsys: Output
) -> None:
    assert sign("approved") == 0
    rewrite(more_points)
    assert status(document_path) == ("stale", "DRAFT – SIGNED FOR ANOTHER VERSION")
    capsys.readouterr()
    text = page(document_path)
    assert "DRAFT – SIGNED FOR ANOTHER VERSION" in capsys.readouterr().err
    assert "FINAL" not in text
    changes = sign_out(read_with_sign_out(document_path))["changes"]
    assert [(c["subject"], c["field"], c["old"], c["new"]) for c in changes] == [
        ("TP53 p.Arg273His (17:7577120:C:T)", "driver_class", "likely_driver", "uncertain")
    ]
    assert verify(document_path) == 8
    assert "signed for another document" in capsys.readouterr().err


def test_a_quick_look_is_not_signed_out(document_path: Path, sign: Sign, rewrite: Rewrite, capsys: Output) -> None:
    rewrite(lambda document: document["limitations"].append({"code": "only_hits", "text": "Only hits."}))
    assert sign("approved") == 2
    assert "a quick look names hits only, and cannot be signed out" in capsys.readouterr().err
    assert status(document_path)[0] == "draft"


def test_a_sample_that_now_fails_shows_nothing_of_the_signed_version(
    document_path: Path, sign: Sign, root: Path
) -> None:
    assert sign("approved") == 0
    failed = json.loads((root / "tests/data/documents/failed_build.json").read_text(encoding="utf-8"))
    failed["sample"]["sample_id"] = "NSCLC-014"
    document_path.write_text(json.dumps(failed), encoding="utf-8")
    text = page(document_path)
    assert "DRAFT – SIGNED FOR ANOTHER VERSION" in text
    assert "osimertinib" not in text
    assert sign("amended", "--reason", "why") == 2


def test_an_amendment_keeps_the_version_before_and_says_what_changed(
    document_path: Path, sign: Sign, rewrite: Rewrite, capsys: Output
) -> None:
    before = document_path.read_bytes()
    assert sign("approved") == 0
    rewrite(more_points)
    assert sign("approved") == 2
    assert "a later one is “amended”" in capsys.readouterr().err
    assert sign("amended", "--reason", "TP53 was judged anew") == 0
    assert document_path.with_name("NSCLC-014.v1.json").read_bytes() == before
    assert document_path.with_name("NSCLC-014.v2.json").read_bytes() == document_path.read_bytes()
    found = sign_out(read_with_sign_out(document_path))
    assert (found["status"], found["version"], found["supersedes"]) == ("amended", 2, 1)
    assert [change["field"] for change in found["changes"]] == ["driver_class"]
    text = page(document_path)
    assert "FINAL – AMENDED, VERSION 2" in text
    assert "It replaces version 1. Reason: TP53 was judged anew." in text
    # going back to the bytes of version 1 does not bring its signature back
    document_path.write_bytes(before)
    assert status(document_path)[0] == "stale"
    assert "that of version 1, which was replaced" in sign_out(read_with_sign_out(document_path))["statement"]


def test_overrides_stand_beside_the_machines_values(
    document_path: Path, sign: Sign, rewrite: Rewrite, overrides: Table
) -> None:
    raw = document_path.read_bytes()
    table = overrides(("EGFR p.L858R", "driver_class", "uncertain", "a reason"))
    assert sign("approved", "--overrides", str(table)) == 0
    assert document_path.read_bytes() == raw
    text = page(document_path)
    assert text.count("✎ Reviewer: class <strong>Uncertain</strong> instead of Validated driver – a reason") == 1
    assert "✎ Reviewer, EGFR p.Leu858Arg (7:55259515:T:G): class <strong>Uncertain</strong>" in text
    assert "✎ reviewer differs" in text
    rewrite(more_points)
    stale = sign_out(read_with_sign_out(document_path))
    assert stale["overrides"] == ()
    assert "changes of version 1 are not applied" in stale["statement"]


def test_an_amendment_says_whether_earlier_overrides_still_hold(
    document_path: Path, sign: Sign, overrides: Table, capsys: Output
) -> None:
    assert sign("approved", "--overrides", str(overrides(("TP53 R273H", "driver_class", "uncertain", "why")))) == 0
    assert sign("amended", "--reason", "x") == 2
    assert "Give --overrides again" in capsys.readouterr().err
    assert sign("amended", "--reason", "x", "--overrides", str(overrides())) == 0
    found = sign_out(read_with_sign_out(document_path))
    assert found["overrides"] == ()
    assert [(c["kind"], c["change"], c["old"]) for c in found["changes"]] == [
        ("override", "removed", "uncertain (why)")
    ]


def test_a_withdrawn_version_is_a_draft_that_says_why(document_path: Path, sign: Sign, capsys: Output) -> None:
    assert sign("approved") == 0
    assert sign("withdrawn", "--reason", "specimens were mixed up") == 0
    found = sign_out(read_with_sign_out(document_path))
    assert (found["status"], found["banner"]) == ("draft", "DRAFT – SIGN-OUT WITHDRAWN")
    assert "Reason: specimens were mixed up." in found["statement"]
    assert verify(document_path) == 0
    assert "withdrawn" in capsys.readouterr().out
    assert sign("amended", "--reason", "cleared up") == 0
    assert status(document_path) == ("amended", "FINAL – AMENDED, VERSION 2")


def edited(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new))


def cut(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


@pytest.mark.parametrize(
    ("tamper", "final"),
    [
        (lambda p: edited(p.with_name("NSCLC-014.signature.json"), b"R. Example", b"S. Example"), False),
        (lambda p: edited(p.with_name("NSCLC-014.audit.jsonl"), b"R. Example", b"S. Example"), False),
        (lambda p: edited(p.with_name("NSCLC-014.signature.json"), b"\n", b"\r\n"), False),
        (lambda p: cut(p.with_name("NSCLC-014.audit.jsonl")), False),
        (lambda p: p.with_name("NSCLC-014.audit.jsonl").unlink(), False),
        (lambda p: p.with_name("NSCLC-014.signature.json").unlink(), False),
        # the document at hand is the one that was signed; that a kept copy is gone is told by --verify
        (lambda p: p.with_name("NSCLC-014.v1.json").unlink(), True),
        (lambda p: edited(p.with_name("NSCLC-014.v1.json"), b"p.Leu858Arg", b"p.Leu858Pro"), True),
    ],
)
def test_tampering_is_found(
    document_path: Path, sign: Sign, capsys: Output, tamper: Callable[[Path], None], final: bool
) -> None:
    assert sign("reviewed") == 0
    assert sign("approved") == 0
    tamper(document_path)
    capsys.readouterr()
    assert verify(document_path) == 8
    assert capsys.readouterr().err.count("\n") == 1
    if final:
        assert status(document_path)[0] == "final"
        return
    assert status(document_path) == ("draft", "DRAFT – SIGN-OUT NOT VALID")
    assert "this report counts as not signed" in page(document_path)
    assert sign("approved") == 8


def test_a_history_cut_from_log_and_signature_alike_needs_a_head_kept_elsewhere(
    document_path: Path, sign: Sign, capsys: Output
) -> None:
    assert sign("approved") == 0
    earlier = {path.name: path.read_bytes() for path in document_path.parent.iterdir()}
    first = head_of(document_path)
    assert sign("withdrawn", "--reason", "x") == 0
    last = head_of(document_path)
    assert verify(document_path, "--head", last) == 0
    assert verify(document_path, "--head", first) == 0
    assert "is entry 1; 1 were added since" in capsys.readouterr().out
    for name, content in earlier.items():
        document_path.with_name(name).write_bytes(content)
    assert verify(document_path) == 0
    assert "not shown without a head kept elsewhere" in capsys.readouterr().out
    assert verify(document_path, "--head", last) == 8
    assert "its end was cut" in capsys.readouterr().err


def test_a_signature_is_restored_from_the_log_only(document_path: Path, sign: Sign) -> None:
    assert sign("approved") == 0
    signature = document_path.with_name("NSCLC-014.signature.json")
    expected = signature.read_bytes()
    signature.unlink()
    assert main(["sign", "--restore", "--document", str(document_path)]) == 0
    assert signature.read_bytes() == expected
    document_path.with_name("NSCLC-014.audit.jsonl").unlink()
    assert main(["sign", "--restore", "--document", str(document_path)]) == 8


def test_a_log_of_another_sample_signs_nothing(document_path: Path, sign: Sign, rewrite: Rewrite) -> None:
    assert sign("approved") == 0
    rewrite(lambda document: document["sample"].update(sample_id="OTHER"))
    for name in ("signature.json", "audit.jsonl"):
        document_path.with_name(f"OTHER.{name}").write_bytes(document_path.with_name(f"NSCLC-014.{name}").read_bytes())
    assert status(document_path) == ("draft", "DRAFT – SIGN-OUT NOT VALID")
    assert verify(document_path) == 8


def test_a_document_cannot_sign_itself(document_path: Path, rewrite: Rewrite, capsys: Output) -> None:
    rewrite(lambda document: document.update(sign_out={**DRAFT, "status": "final", "banner": "FINAL – VERSION 1"}))
    assert main(["report", "--document", str(document_path), "--out", str(document_path.parent)]) == 3
    assert "cannot hold its own sign-out" in capsys.readouterr().err
    assert not document_path.with_name("NSCLC-014.report.html").exists()


def test_the_machines_document_and_an_earlier_version_are_never_replaced(
    document_path: Path, sign: Sign, capsys: Output
) -> None:
    kept = document_path.with_name("NSCLC-014.v1.json")
    kept.write_text("something else", encoding="utf-8")
    assert sign("approved") == 2
    assert "in the place of the kept document" in capsys.readouterr().err
    assert kept.read_text(encoding="utf-8") == "something else"
    assert not document_path.with_name("NSCLC-014.audit.jsonl").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--date", "04.05.2026"], "is no date"),
        (["--date", "2026-02-30"], "is no date"),
        (["--date", "2026-05-04T25:00"], "is no date"),
        (["--reviewer", "  "], "--reviewer is empty"),
        (["--role", ""], "--role is needed"),
        (["--reviewer", "x" * 101], "longer than 100"),
        (["--reviewer", "A\nB"], "not printable"),
        (["--comment", "\u202eA"], "not printable"),
        (["--head", "0"], "--head goes with --verify"),
        (["--overrides", "nowhere.tsv"], "does not exist"),
    ],
)
def test_wrong_use_writes_nothing(document_path: Path, sign: Sign, capsys: Output, more: list[str], says: str) -> None:
    assert sign("approved", *more) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert [path.name for path in document_path.parent.iterdir()] == ["NSCLC-014.json"]


@pytest.mark.parametrize("date", ["2026-05-04", "2026-05-04T09:30", "2026-05-04T09:30:00Z", "2026-05-04T09:30+02:00"])
def test_the_stated_date_is_recorded_as_it_was_written(document_path: Path, sign: Sign, date: str) -> None:
    assert sign("approved", "--date", date) == 0
    assert sign_out(read_with_sign_out(document_path))["date"] == date


def test_without_a_date_somebody_is_asked_or_it_is_an_error(
    document_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    arguments = ["sign", "--document", str(document_path), "--reviewer", "R", "--role", "r", "--meaning", "approved"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(arguments) == 2
    assert "--date is needed" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: " 2026-05-05 ")
    assert main(arguments) == 0
    assert sign_out(read_with_sign_out(document_path))["date"] == "2026-05-05"


def test_two_people_cannot_sign_at_the_same_moment(document_path: Path, sign: Sign, capsys: Output) -> None:
    handle = os.open(document_path.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert sign("approved") == 2
    finally:
        os.close(handle)
    assert "somebody else is signing here" in capsys.readouterr().err
    assert sign("approved") == 0


def test_signatures_can_lie_in_a_folder_of_their_own(document_path: Path, sign: Sign, tmp_path: Path) -> None:
    folder = tmp_path / "signed"
    assert sign("approved", "--out", str(folder)) == 0
    assert {path.name.split(".", 1)[1] for path in folder.iterdir()} == {"signature.json", "audit.jsonl", "v1.json"}
    assert status(document_path)[0] == "draft"
    out = tmp_path / "out"
    arguments = ["report", "--document", str(document_path), "--out", str(out), "--signatures", str(folder)]
    assert main(arguments) == 0
    assert "FINAL – VERSION 1" in (out / "NSCLC-014.report.html").read_text(encoding="utf-8")
    assert verify(document_path, "--out", str(folder)) == 0


def test_the_same_acts_give_the_same_bytes_and_no_path_of_the_machine(document_path: Path, sign: Sign) -> None:
    runs = []
    for _ in range(2):
        assert sign("reviewed") == 0
        assert sign("approved") == 0
        files = sorted(document_path.parent.glob("NSCLC-014.[as]*"))
        runs.append({path.name: path.read_bytes() for path in files})
        for path in files:
            path.unlink()
    assert runs[0] == runs[1]
    assert not any(str(document_path.parent).encode() in content for content in runs[0].values())


def test_hostile_texts_of_a_signature_stay_inert(document_path: Path, sign: Sign, overrides: Table) -> None:
    attack = "</style><script>alert(1)</script>{{7*7}}\"'<img src=x onerror=a>"
    table = overrides(("TP53 R273H", "driver_class", "uncertain", attack))
    options = ["--reviewer", attack[:90], "--role", attack[:90], "--comment", attack, "--overrides", str(table)]
    assert sign("approved", *options) == 0
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page(document_path))
    tags = [element.tag for element in tree.iter()]
    assert "script" not in tags
    assert "img" not in tags
    assert "49" not in "".join(tree.find(".//header").itertext())
    assert attack in "".join(tree.find(".//main").itertext())


def test_signature_and_audit_log_fit_the_schema(
    document_path: Path, sign: Sign, rewrite: Rewrite, overrides: Table, root: Path
) -> None:
    schema = json.loads((root / "workflow/schemas/signature.schema.json").read_text(encoding="utf-8"))
    record = {"$ref": "#/$defs/record", "$defs": schema["$defs"]}
    table = overrides(("TP53 R273H", "driver_class", "passenger", "why"))
    assert sign("reviewed", "--overrides", str(table)) == 0
    assert sign("approved") == 0
    rewrite(more_points)
    assert sign("amended", "--reason", "why", "--overrides", str(overrides())) == 0
    assert sign("withdrawn", "--reason", "why") == 0
    rewrite(lambda document: document["therapies"].pop())
    assert sign("reviewed") == 0
    content = json.loads(document_path.with_name("NSCLC-014.signature.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(content)] == []
    lines = document_path.with_name("NSCLC-014.audit.jsonl").read_text(encoding="ascii").splitlines()
    assert len(lines) == content["log"]["entries"] == 5
    for line in lines:
        assert [error.message for error in Draft202012Validator(record).iter_errors(json.loads(line)["record"])] == []
    assert [version["withdrawn"] is None for version in content["versions"]] == [True, False]
    assert len(content["reviews"]) == 1


def test_every_format_shows_what_a_reviewer_judges_otherwise(document_path: Path, sign: Sign, overrides: Table) -> None:
    table = overrides(("EGFR p.L858R", "driver_class", "uncertain", "a reason of its own"))
    assert sign("approved") == 0
    plain = {name: form.render(read_with_sign_out(document_path)) for name, form in FORMATS.items()}
    assert sign("amended", "--reason", "TP53 p.R273H and words for experts", "--overrides", str(table)) == 0
    document = read_with_sign_out(document_path)
    rendered = {name: form.render(document) for name, form in FORMATS.items()}
    assert [name for name in FORMATS if plain[name] == rendered[name]] == []
    assert "a reason of its own" in rendered["html"].decode()
    assert "a reason of its own" in rendered["fhir"].decode()
    # why experts amended a report may name what a patient page leaves out
    assert "TP53" not in rendered["patient-html"].decode()
    assert "It replaces version 1" in rendered["patient-html"].decode()
    assert judgements(document) == (
        "EGFR p.Leu858Arg (7:55259515:T:G): driver_class is validated_driver by the machine, uncertain by R. Example"
        " (a reason of its own)",
    )


@pytest.mark.parametrize("name", ["../out", "a/b", "", "<script>"])
def test_a_sample_id_cannot_lead_out_of_the_folder(
    document_path: Path, sign: Sign, rewrite: Rewrite, capsys: Output, name: str
) -> None:
    rewrite(lambda document: document["sample"].update(sample_id=name))
    assert sign("approved") == 3
    assert "cannot name a file" in capsys.readouterr().err
    assert main(["report", "--document", str(document_path), "--out", str(document_path.parent)]) == 3
    assert [path.name for path in document_path.parent.iterdir()] == ["NSCLC-014.json"]
