"""YAML as the agency's own files are read: plain values only, and nothing that could be read in two ways."""

from collections.abc import Hashable
from typing import Any

import yaml


class FileRefused(Exception):  # noqa: N818 - what its author reads is its sentence
    """A file that must not be used: file, key, what is wrong, what to write instead."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}")


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key written twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is written twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def load(content: bytes) -> Any:
    """Give what a file says. Raises yaml.YAMLError where it is no YAML or has a key twice."""
    return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader that refuses more
