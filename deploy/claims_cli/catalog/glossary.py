"""What fields and refusals mean, in words: read from the YAML beside, where every field must have its sentence."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from claims_shared.messages.fields import Message

HERE: Final = Path(__file__).parent


@cache
def meanings() -> dict[str, str]:
    """Give the sentences by `field`, and by `Message.field` where one message means something else."""
    return _read("glossary.yaml")


def meaning(model: type[Message], field: str) -> str:
    """Give the sentence of one field: the message's own, else its family's, else the name's. Raises KeyError where none is."""
    own = (f"{each.__name__}.{field}" for each in model.__mro__)
    return meanings()[next((name for name in own if name in meanings()), field)]


@cache
def refusals() -> dict[str, tuple[str, str]]:
    """Give what each refusal's code means and what the sender can do."""
    return {code: (told["means"], told["do"]) for code, told in _read("refusals.yaml").items()}


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / name).read_text())
    return loaded
