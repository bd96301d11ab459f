"""The page of hostile records is what the table says today."""

from tests.hostile.__main__ import PAGE
from tests.hostile.report import WORDS, page
from tests.hostile.shots import Fate
from tests.hostile.table import PARTS, TABLE


def test_what_is_committed_is_what_make_catalog_would_write():
    assert PAGE.read_text() == page(), "make catalog brings it up to date"


def test_the_table_names_each_class_once_and_has_every_outcome():
    assert len(TABLE) == sum(map(len, PARTS.values()))
    assert {each.outcome.fate for each in TABLE.values()} >= set(Fate) - {Fate.QUARANTINED}
    assert set(WORDS) == set(Fate)
