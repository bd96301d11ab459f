"""The one table of hostile records: every class, what it sends, what becomes of it. Tests, page and the long run come from it."""

from typing import Final

from tests.hostile.in_bodies import BODIES
from tests.hostile.in_envelopes import ENVELOPES
from tests.hostile.in_frames import FRAMES
from tests.hostile.in_life_cycle import AHEAD
from tests.hostile.in_streams import STREAMS
from tests.hostile.shots import Hostile

PARTS: Final[dict[str, tuple[Hostile, ...]]] = {
    "Bodies": BODIES,
    "Keys and headers": ENVELOPES,
    "Streams, answers and commands": STREAMS,
    "The life cycle": AHEAD,
    "Batches": FRAMES,
}
TABLE: Final = {each.name: each for part in PARTS.values() for each in part}
