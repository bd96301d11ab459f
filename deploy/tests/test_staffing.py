"""`claims staff`: what it shows, what it refuses, and leave that is entered without touching the rest of the file."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from claims_cli.errors import ClaimsError
from claims_cli.local.plan import staff_file
from claims_cli.main import application
from claims_cli.staffing.editing import with_leave
from claims_shared.staff.loading import parse_staff
from claims_shared.staff.people import Leave

FILE = """\
# Salt Lake City, second floor.
caseworkers:
  - ref: UT-ann  # since 2019
    name: Ann Lee
    jurisdictions: [UT]
    hours: {mon-fri: 09:00-17:00}

  - ref: UT-bo
    name: Bo Diaz
    jurisdictions: [UT]
    hours: {mon-fri: 09:00-17:00}
    leave:
      - {from: 2026-12-01, to: 2026-12-04}  # skiing

  # Part time.
  - {ref: UT-cy, name: Cy Ford, jurisdictions: [UT], hours: {mon: 09:00-12:00}}
  - ref: UT-di
    name: Di Ray
    jurisdictions: [UT]
    hours: {mon-fri: 09:00-17:00}
    leave: [{from: 2026-11-30, to: 2026-11-30}]
  - ref: UT-ed
    name: Ed Cho
    jurisdictions: [UT]
    hours: {mon-fri: 09:00-17:00}
    leave: []
"""
AWAY = Leave(date(2027, 1, 4), date(2027, 1, 8))


@pytest.mark.parametrize("ref", ["UT-ann", "UT-bo", "UT-cy", "UT-di", "UT-ed"])
def test_leave_is_entered_where_it_belongs_and_nothing_else_is_touched(ref):
    edited = with_leave(FILE, "staff.yaml", ref, AWAY.first, AWAY.last)
    before, after = parse_staff(FILE.encode(), "staff.yaml"), parse_staff(edited.encode(), "staff.yaml")
    for each in after:
        known = before.people[each.ref]
        assert each.leave == ((*known.leave, AWAY) if each.ref == ref else known.leave)
    for comment in ("# Salt Lake City", "# since 2019", "# skiing", "# Part time."):
        assert comment in edited
    assert len(edited.splitlines()) - len(FILE.splitlines()) in (0, 1)


@pytest.mark.parametrize(
    ("ref", "last", "said"),
    [("UT-zed", AWAY.last, "nobody is 'UT-zed'"), ("UT-ann", date(2026, 1, 1), "before it begins")],
    ids=["nobody", "the wrong way round"],
)
def test_what_would_be_wrong_is_not_entered(ref, last, said):
    with pytest.raises(ClaimsError, match=said):
        with_leave(FILE, "staff.yaml", ref, AWAY.first, last)


def test_the_verbs(tmp_path):
    file = tmp_path / "staff.yaml"
    file.write_text(FILE)
    claims = CliRunner()

    def run(*words):
        return claims.invoke(application("staff"), ["staff", *words])

    assert "can be used: 5 caseworkers" in run("check", str(file)).output
    entered = run("leave", "UT-ann", "2099-01-05", "2099-01-09", "--data", str(tmp_path))
    assert entered.exit_code == 0, entered.output
    shown = json.loads(run("show", "--json", "--data", str(tmp_path)).output)
    assert (shown[0]["ref"], shown[0]["leave"], shown[0]["interviews"]) == (
        "UT-ann",
        [["2099-01-05", "2099-01-09"]],
        None,
    )
    assert "2099-01-05 to 2099-01-09" in run("show", "--data", str(tmp_path)).output
    file.write_text("caseworkers: [nobody]")
    wrong = run("check", str(file))
    assert wrong.exit_code == 1
    assert "caseworkers[0]" in str(wrong.exception)


def test_a_stack_takes_the_staff_file_of_its_directory(tmp_path, monkeypatch):
    monkeypatch.delenv("CLAIMS_STAFF", raising=False)
    assert staff_file(tmp_path) == {}
    (tmp_path / "staff.yaml").write_text(FILE)
    assert staff_file(tmp_path) == {"CLAIMS_STAFF": str(tmp_path / "staff.yaml")}
    monkeypatch.setenv("CLAIMS_STAFF", "/elsewhere")
    assert staff_file(tmp_path) == {}
