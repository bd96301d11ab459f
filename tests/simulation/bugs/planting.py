"""Wrong variants of production code, put in its place for the time of a run: an attribute is swapped and put back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

Make = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Swap:
    """One attribute of a class or module, or one entry of a table, and what makes the wrong one of the right one."""

    owner: Any
    name: Any
    make: Make

    def now(self) -> Any:
        return self.owner[self.name] if isinstance(self.owner, dict) else vars(self.owner)[self.name]

    def put(self, value: Any) -> None:
        if isinstance(self.owner, dict):
            self.owner[self.name] = value
        else:
            setattr(self.owner, self.name, value)


BUGS: Final[dict[str, list[Swap]]] = {}
"""All that are known, by a sentence that says what is wrong. Production code knows of none of them."""


def bug(sentence: str, owner: Any, *names: Any) -> Callable[[Make], Make]:
    """Note a wrong variant: the function that is decorated makes it of the right one."""

    def register(make: Make) -> Make:
        BUGS.setdefault(sentence, []).extend(Swap(owner, name, make) for name in names)
        return make

    return register


@contextmanager
def planted(sentence: str) -> Iterator[None]:
    """Let one bug be there."""
    swaps = BUGS[sentence]
    right = [swap.now() for swap in swaps]
    try:
        for swap, was in zip(swaps, right, strict=True):
            swap.put(swap.make(was))
        yield
    finally:
        for swap, was in zip(swaps, right, strict=True):
            swap.put(was)
