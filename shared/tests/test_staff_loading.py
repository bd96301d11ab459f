"""The staff's file: what it says is taken as it is meant, or refused with the file and the key."""

import os
from datetime import date, time

import pytest

from claims_shared.staff.loading import StaffError, StaffFile, load_staff, parse_staff
from claims_shared.staff.people import ANY, UNITS, Hours, Leave, default_staff, staff_of

WHOLE = """
caseworkers:
  - ref: UT-ann
    name: Ann Lee
    jurisdictions: [UT]
    units: [adjudication]
    skills: [fact_finding, quit]
    languages: [en, es]
    hours: {mon-thu: [09:00-12:00, 13:00-17:00], sat: 09:00-11:00}
    leave:
      - {from: 2026-12-01, to: 2026-12-04}
    interviews_a_day: 6
    open_tasks: 20
    conflicts: [E-1]
    supervisor: UT-bo
  - ref: UT-bo
    name: Bo Diaz
    jurisdictions: [UT, NV]
    zone: America/Los_Angeles
    hours: {mon-fri: 08:00-16:00}
"""
MORNING, AFTERNOON = Hours(time(9), time(12)), Hours(time(13), time(17))


def test_a_file_is_read_as_it_is_meant():
    staff = parse_staff(WHOLE.encode(), "staff.yaml")
    ann, bo = staff
    assert (ann.ref, ann.name, ann.zone, ann.supervisor) == ("UT-ann", "Ann Lee", "America/Denver", "UT-bo")
    assert (ann.units, ann.skills, ann.languages) == ({"adjudication"}, {"fact_finding", "quit"}, {"en", "es"})
    assert (ann.interviews, ann.tasks, ann.conflicts) == (6, 20, {"E-1"})
    assert ann.hours == (*((MORNING, AFTERNOON),) * 4, (), (Hours(time(9), time(11)),), ())
    assert ann.leave == (Leave(date(2026, 12, 1), date(2026, 12, 4)),)
    assert (bo.zone, bo.units, bo.skills, bo.languages) == ("America/Los_Angeles", set(UNITS), {ANY}, {"en"})


def test_who_works_and_who_is_away():
    staff = parse_staff(WHOLE.encode(), "staff.yaml")
    refs = lambda people: [each.ref for each in people]  # noqa: E731 - read beside its use
    assert refs(staff.working(date(2026, 11, 23))) == ["UT-ann", "UT-bo"]
    assert refs(staff.working(date(2026, 12, 1))) == ["UT-bo"], "Ann is on leave from its first day"
    assert refs(staff.working(date(2026, 12, 4))) == ["UT-bo"], "to its last"
    assert refs(staff.working(date(2026, 12, 5))) == ["UT-ann"], "a Saturday"
    assert refs(staff.working(date(2026, 11, 26))) == [], "Thanksgiving Day"
    assert refs(staff.on_leave(date(2026, 12, 3))) == ["UT-ann"]
    assert refs(staff.serving("NV")) == ["UT-bo"]
    assert staff.get("UT-bo") is not None
    assert staff.get("nobody") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Ann Lee", "nmae: Ann Lee", "caseworkers[0].nmae: is not known"),
        ("ref: UT-bo\n", "ref: UT-ann\n", "caseworkers[0].ref: 'UT-ann' is somebody else's too"),
        ("supervisor: UT-bo", "supervisor: UT-cy", "caseworkers[0].supervisor: nobody here is 'UT-cy'"),
        ("supervisor: UT-bo", "supervisor: UT-ann", "caseworkers[0].supervisor: nobody supervises themselves"),
        ("America/Los_Angeles", "America/Los_Angles", "caseworkers[1].zone: 'America/Los_Angles' is no zone"),
        ("    zone: America/Los_Angeles\n", "", "caseworkers[1].zone: is missing"),
        ("to: 2026-12-04", "to: 2026-11-30", "caseworkers[0].leave[0]: ends on 2026-11-30, before it begins"),
        ("to: 2026-12-04", "to: soon", "caseworkers[0].leave[0]: says from and to as days"),
        ("08:00-16:00", "16:00-08:00", "caseworkers[1].hours.mon-fri: '16:00-08:00' closes before it opens"),
        ("08:00-16:00", "all day", "caseworkers[1].hours.mon-fri: 'all day' is no span of hours"),
        ("13:00-17:00", "11:00-17:00", "caseworkers[0].hours.mon-thu: overlap"),
        ("sat: 09", "thu: 09", "caseworkers[0].hours.thu: thu is said twice"),
        ("mon-fri", "mon-someday", "caseworkers[1].hours.mon-someday: is no day"),
        ("interviews_a_day: 6", "interviews_a_day: -1", "caseworkers[0].interviews_a_day: -1 is no whole number"),
        ("interviews_a_day: 6", "interviews_a_day: true", "caseworkers[0].interviews_a_day: True is no whole number"),
        ("[UT, NV]", "[UT, ZZ]", "caseworkers[1].jurisdictions: there is no agency 'ZZ'"),
        ("[UT, NV]", "UT", "caseworkers[1].jurisdictions: 'UT' is no list of texts"),
        ("[adjudication]", "[judges]", "caseworkers[0].units: there is no queue 'judges'"),
        ("[en, es]", "[en, en]", "caseworkers[0].languages: says something twice"),
        ("name: Ann Lee\n", "name: Ann Lee\n    name: Ann Li\n", "yaml: "),
        ("caseworkers:", "people:", "the file.people: is not known"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_key(old, new, said):
    assert old in WHOLE
    with pytest.raises(StaffError) as refused:
        parse_staff(WHOLE.replace(old, new, 1).encode(), "staff.yaml")
    assert str(refused.value).startswith(f"staff.yaml: {said}")


@pytest.mark.parametrize("content", [b"", b"caseworkers: []", b"caseworkers: {}", b"- 1", b"\xff", b"a: ["])
def test_what_is_no_staff_is_refused(content):
    with pytest.raises(StaffError):
        parse_staff(content, "staff.yaml")


def test_an_edit_takes_effect_and_a_broken_one_changes_nothing(tmp_path):
    file = tmp_path / "staff.yaml"
    file.write_text(WHOLE)
    watched = StaffFile(file, staff_of(()))
    assert not watched.look(), "nothing was changed"
    file.write_text(WHOLE.replace("2026-12-04", "2026-12-05"))
    assert watched.look()
    assert watched.current.people["UT-ann"].away(date(2026, 12, 5))
    file.write_text("caseworkers: [broken")
    assert not watched.look()
    assert watched.current.people["UT-ann"].away(date(2026, 12, 5)), "the last good one stays"
    file.unlink()
    assert not watched.look(), "an editor may take it away for a moment"
    file.write_text(WHOLE)
    assert watched.look()
    os.utime(file, (1, 1))
    assert not watched.look(), "touched, and yet the same"


def test_nobody_starts_with_a_broken_file(tmp_path):
    with pytest.raises(StaffError, match=r"nowhere\.yaml: the file: cannot be read"):
        load_staff(tmp_path / "nowhere.yaml")
    with pytest.raises(StaffError):
        StaffFile(tmp_path / "nowhere.yaml", staff_of(()))


def test_without_a_file_there_is_the_default_staff():
    watched = StaffFile(None, default_staff())
    assert not watched.look()
    staff = watched.current
    assert len(staff.serving("UT")) == 200
    first = staff.people["UT-0000"]
    assert first.hours_on(date(2026, 11, 23)) == (Hours(time(9), time(17)),)
    assert first.hours_on(date(2026, 11, 22)) == (), "a Sunday"
    assert first.hours_on(date(2026, 11, 26)) == (), "Thanksgiving Day"
