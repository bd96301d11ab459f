"""Takes pictures of pages in a browser without a screen; runs in an environment of its own, which has nothing but the browser.

`python browser.py JOBS.json`: a list of {"page": URL, "picture": PNG, "width": pixels, "dark": true or false}.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DARK = "--dark" in sys.argv
os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = "--no-sandbox --disable-gpu --hide-scrollbars" + (
    " --blink-settings=preferredColorScheme=0" if DARK else ""
)

from PyQt6.QtCore import QTimer, QUrl  # noqa: E402 - what it reads is set above
from PyQt6.QtGui import QImage  # noqa: E402
from PyQt6.QtWebEngineWidgets import QWebEngineView  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

PAINTED = 400
"""Milliseconds that a page gets to be painted."""
TALLEST = 4_000


class Photographer:
    """Takes one picture after the other, each as tall as its page."""

    def __init__(self, jobs: list[dict[str, object]]) -> None:
        self.jobs = jobs
        self.view = QWebEngineView()
        self.view.loadFinished.connect(self.measure)
        self.view.show()
        self.begin()

    def begin(self) -> None:
        self.view.resize(int(self.jobs[0]["width"]), 200)
        self.view.load(QUrl(str(self.jobs[0]["page"])))

    def measure(self, loaded: bool) -> None:
        if not loaded:
            sys.exit(f"not loaded: {self.jobs[0]['page']}")
        self.view.page().runJavaScript("document.documentElement.scrollHeight", self.grow)

    def grow(self, height: float) -> None:
        self.view.resize(int(self.jobs[0]["width"]), min(int(height), TALLEST))
        QTimer.singleShot(PAINTED, self.shoot)

    def shoot(self) -> None:
        job = self.jobs.pop(0)
        few_colours = self.view.grab().toImage().convertToFormat(QImage.Format.Format_Indexed8)
        if not few_colours.save(str(job["picture"])):
            sys.exit(f"not written: {job['picture']}")
        if self.jobs:
            self.begin()
        else:
            QApplication.quit()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    photographer = Photographer(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.exit(application.exec())
