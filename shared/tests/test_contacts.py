"""What letters say about agencies: the file is complete, dated and sourced, and a slip in it is refused."""

from datetime import date

import pytest
import yaml

from claims_shared.calendars.agencies import AGENCIES
from claims_shared.calendars.contacts import FILE, NOTHING, Contact, ContactsError, contact_of, load_contacts

DAY = date(2026, 11, 20)
OFFICE = {"from": date(2026, 1, 1), "en": "Office", "es": "Oficina", "reference": "its page", "trust": "agency_page"}
PHONE = {"from": date(2026, 1, 1), "value": ["1"], "reference": "its page", "trust": "relayed"}
REST = [name for name in Contact._fields if name not in {"office", "telephone"}]


def written(tmp_path, **fields):
    file = tmp_path / "contacts.yaml"
    file.write_text(yaml.safe_dump({"UT": {"office": [OFFICE], "telephone": [PHONE], "not_known": REST} | fields}))
    return file


def test_the_file_is_as_it_must_be():
    facts = load_contacts()
    assert {"UT", "NY", "WI"} <= set(facts) <= set(AGENCIES)


def test_what_is_known_on_a_day_is_said_in_the_language(tmp_path):
    facts = load_contacts(written(tmp_path))
    assert contact_of(facts, "UT", "es", DAY) == Contact(office="Oficina", telephone=("1",))
    assert contact_of(facts, "UT", "en", date(2025, 12, 31)) == NOTHING
    assert contact_of(facts, "VT", "en", DAY) == NOTHING


def test_the_value_of_the_day_counts(tmp_path):
    moved = [PHONE | {"to": date(2026, 6, 30)}, PHONE | {"from": date(2026, 7, 1), "value": ["2"]}]
    facts = load_contacts(written(tmp_path, telephone=moved))
    days = (date(2026, 6, 30), date(2026, 7, 1))
    assert [contact_of(facts, "UT", "en", day).telephone for day in days] == [("1",), ("2",)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"not_known": REST[1:]}, "given once or listed"),
        ({"not_known": [*REST, "office"]}, "given once or listed"),
        ({"phone": [PHONE]}, "given once or listed"),
        ({"office": []}, "no list"),
        ({"office": [OFFICE | {"value": "x"}]}, "needs from"),
        ({"office": [{name: value for name, value in OFFICE.items() if name != "es"}]}, "needs from"),
        ({"office": [OFFICE | {"es": " "}]}, "is not a text"),
        ({"telephone": [PHONE | {"value": "1"}]}, "is not a list of texts"),
        ({"telephone": [PHONE | {"trust": "hearsay"}]}, "trust among"),
        ({"telephone": [PHONE | {"reference": ""}]}, "needs a reference"),
        ({"telephone": [PHONE | {"from": "2026"}]}, "are days"),
        ({"telephone": [PHONE | {"to": date(2025, 1, 1)}]}, "in this order"),
        ({"telephone": [PHONE, PHONE | {"from": date(2026, 7, 1)}]}, "overlaps"),
    ],
)
def test_a_slip_is_refused_with_its_place(tmp_path, fields, said):
    with pytest.raises(ContactsError, match=said):
        load_contacts(written(tmp_path, **fields))


def test_every_source_is_named():
    for fields in yaml.safe_load(FILE.read_text()).values():
        assert all(each["reference"] for name, facts in fields.items() if name != "not_known" for each in facts)
