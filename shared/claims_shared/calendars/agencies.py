"""The agencies of the 53 jurisdictions with an unemployment-insurance program: name and zone of their office. Data only."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Agency(NamedTuple):
    """Who works the claims of a jurisdiction. Where a state spans two zones, the zone is its capital's (49 CFR 71)."""

    name: str
    zone: str


_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

AGENCIES: Final[Mapping[str, Agency]] = {
    "AK": Agency("Alaska", "America/Anchorage"),
    "AL": Agency("Alabama", _CENTRAL),
    "AR": Agency("Arkansas", _CENTRAL),
    "AZ": Agency("Arizona", "America/Phoenix"),
    "CA": Agency("California", _PACIFIC),
    "CO": Agency("Colorado", _MOUNTAIN),
    "CT": Agency("Connecticut", _EASTERN),
    "DC": Agency("District of Columbia", _EASTERN),
    "DE": Agency("Delaware", _EASTERN),
    "FL": Agency("Florida", _EASTERN),
    "GA": Agency("Georgia", _EASTERN),
    "HI": Agency("Hawaii", "Pacific/Honolulu"),
    "IA": Agency("Iowa", _CENTRAL),
    "ID": Agency("Idaho", "America/Boise"),
    "IL": Agency("Illinois", _CENTRAL),
    "IN": Agency("Indiana", "America/Indiana/Indianapolis"),
    "KS": Agency("Kansas", _CENTRAL),
    "KY": Agency("Kentucky", _EASTERN),
    "LA": Agency("Louisiana", _CENTRAL),
    "MA": Agency("Massachusetts", _EASTERN),
    "MD": Agency("Maryland", _EASTERN),
    "ME": Agency("Maine", _EASTERN),
    "MI": Agency("Michigan", "America/Detroit"),
    "MN": Agency("Minnesota", _CENTRAL),
    "MO": Agency("Missouri", _CENTRAL),
    "MS": Agency("Mississippi", _CENTRAL),
    "MT": Agency("Montana", _MOUNTAIN),
    "NC": Agency("North Carolina", _EASTERN),
    "ND": Agency("North Dakota", _CENTRAL),
    "NE": Agency("Nebraska", _CENTRAL),
    "NH": Agency("New Hampshire", _EASTERN),
    "NJ": Agency("New Jersey", _EASTERN),
    "NM": Agency("New Mexico", _MOUNTAIN),
    "NV": Agency("Nevada", _PACIFIC),
    "NY": Agency("New York", _EASTERN),
    "OH": Agency("Ohio", _EASTERN),
    "OK": Agency("Oklahoma", _CENTRAL),
    "OR": Agency("Oregon", _PACIFIC),
    "PA": Agency("Pennsylvania", _EASTERN),
    "PR": Agency("Puerto Rico", "America/Puerto_Rico"),
    "RI": Agency("Rhode Island", _EASTERN),
    "SC": Agency("South Carolina", _EASTERN),
    "SD": Agency("South Dakota", _CENTRAL),
    "TN": Agency("Tennessee", _CENTRAL),
    "TX": Agency("Texas", _CENTRAL),
    "UT": Agency("Utah", _MOUNTAIN),
    "VA": Agency("Virginia", _EASTERN),
    "VI": Agency("U.S. Virgin Islands", "America/St_Thomas"),
    "VT": Agency("Vermont", _EASTERN),
    "WA": Agency("Washington", _PACIFIC),
    "WI": Agency("Wisconsin", _CENTRAL),
    "WV": Agency("West Virginia", _EASTERN),
    "WY": Agency("Wyoming", _MOUNTAIN),
}
