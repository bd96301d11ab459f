"""The operators' API as the verbs use it; what it refuses is a sentence for the person at the terminal."""

from collections.abc import Mapping
from typing import Any

import httpx2

from claims_cli.errors import ClaimsError

TIMEOUT_S = 15.0


class Away(ClaimsError):  # noqa: N818 - a condition that passes, not a defect
    """The API itself does not answer."""


class Api:
    """One API; every method raises ClaimsError with the API's own sentence."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx2.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)

    def claims(self, **query: str | int | None) -> dict[str, Any]:
        return self._asked("GET", "/claims", params={name: value for name, value in query.items() if value is not None})

    def claim(self, claim_id: str) -> dict[str, Any]:
        return self._asked("GET", f"/claims/{claim_id}")

    def tasks(self, **query: str | int | None) -> dict[str, Any]:
        return self._asked("GET", "/tasks", params={name: value for name, value in query.items() if value is not None})

    def move_tasks(self, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Have a page of tasks assigned or reassigned."""
        return self._asked("POST", f"/tasks/{what}", json=dict(body))

    def status(self, claim_id: str, language: str | None) -> dict[str, Any]:
        return self._asked("GET", f"/claims/{claim_id}/status", params={"language": language} if language else {})

    def act(self, claim_id: str, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._asked("POST", f"/claims/{claim_id}/{what}", json=dict(body))

    def _asked(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **more)
        except httpx2.HTTPError as error:
            raise Away(f"the API at {self._url} does not answer ({type(error).__name__}); see claims ps") from error
        if answer.is_error:
            raise ClaimsError(_problem(answer))
        found: dict[str, Any] = answer.json()
        return found


def _problem(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the API answered {answer.status_code} {answer.reason_phrase}"
