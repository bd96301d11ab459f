"""Enters leave into a staff file where it belongs, so that the rest of it, comments too, stays as it was. Pure."""

from datetime import date

import yaml

from claims_cli.errors import ClaimsError
from claims_shared.staff.loading import StaffError, parse_staff


def with_leave(content: str, name: str, ref: str, first: date, last: date) -> str:
    """Give the file's text with one more leave. Raises ClaimsError where there is no such caseworker, or it would be wrong."""
    root = yaml.compose(content, yaml.SafeLoader)
    entry = f"{{from: {first}, to: {last}}}"
    edited = None
    for node in _people(root):
        keys = {key.value: (key, value) for key, value in node.value}
        if "ref" in keys and keys["ref"][1].value == ref:
            edited = _added(content, keys["leave"][1], entry) if "leave" in keys else _begun(content, node, entry)
    if edited is None:
        raise ClaimsError(f"{name}: nobody is {ref!r}")
    try:
        parse_staff(edited.encode(), name)
    except StaffError as wrong:
        raise ClaimsError(str(wrong)) from None
    return edited


def _people(root: yaml.Node | None) -> list[yaml.MappingNode]:
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    listed = next((value for key, value in pairs if key.value == "caseworkers"), None)
    people = listed.value if isinstance(listed, yaml.SequenceNode) else []
    return [each for each in people if isinstance(each, yaml.MappingNode)]


def _added(content: str, leave: yaml.Node, entry: str) -> str:
    """Put it behind the leaves that are there, in the file's own way of writing them."""
    if not isinstance(leave, yaml.SequenceNode):  # `leave:` with nothing behind it
        at = leave.start_mark.index
        return f"{content[:at]} [{entry}]{content[at:]}" if leave.value == "" else content
    if leave.flow_style or not leave.value:
        at = leave.end_mark.index - 1
        return f"{content[:at]}{', ' if leave.value else ''}{entry}{content[at:]}"
    at = _end_of_line(content, leave.value[-1].end_mark.index)
    return f"{content[:at]}\n{' ' * leave.start_mark.column}- {entry}{content[at:]}"


def _begun(content: str, person: yaml.MappingNode, entry: str) -> str:
    """Begin the list right behind the caseworker's first line."""
    key, value = person.value[0]
    if person.flow_style:
        return f"{content[: value.end_mark.index]}, leave: [{entry}]{content[value.end_mark.index :]}"
    at = _end_of_line(content, value.end_mark.index)
    return f"{content[:at]}\n{' ' * key.start_mark.column}leave: [{entry}]{content[at:]}"


def _end_of_line(content: str, at: int) -> int:
    """Give the end of the line in which something ends; a block's end mark may lie at the start of the next one."""
    while at > 0 and content[at - 1] in " \n":
        at -= 1
    end = content.find("\n", at)
    return len(content) if end < 0 else end
