import urllib.error
import urllib.request

from claims_shared import telemetry
from claims_shared.health import Probes, serve


def _get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_answers_change_with_the_state_and_are_whole() -> None:
    trouble: list[str] = ["starting, and a long way to go"]
    port = serve(0, Probes(live=lambda: None, ready=lambda: trouble[-1] if trouble else None))
    assert _get(port, "/readyz") == (503, "starting, and a long way to go\n")
    assert _get(port, "/livez") == (200, "ok\n")
    trouble.clear()
    assert _get(port, "/readyz") == (200, "ok\n")


def test_metrics_and_a_hint_for_other_paths() -> None:
    port = serve(0, Probes(live=lambda: None, ready=lambda: None))
    telemetry.SENT.labels("test").inc()
    assert "claims_sent_total" in _get(port, "/metrics")[1]
    assert _get(port, "/")[0] == 404
