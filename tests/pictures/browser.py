"""Takes pictures of pages in a browser without a screen; runs in an environment of its own, which has nothing but the browser.

`python browser.py JOBS.json`: a list of {"page": URL, "picture": PNG, "width": pixels, "dark": true or false}.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DARK = "--dark" in sys.argv
os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = "--no-sandbox --disable-gpu --hide-scrollbars" + (
    " --blink-settings=preferredColorScheme=0" if DARK else ""
)

from PyQt6.QtCore import Qt, QTimer, QUrl  # noqa: E402 - what it reads is set above
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
        if not small(self.view.grab().toImage()).save(str(job["picture"]), "PNG", 0):
            sys.exit(f"not written: {job['picture']}")
        if self.jobs:
            self.begin()
        else:
            QApplication.quit()


def small(image: QImage) -> QImage:
    """Keep the colours that a page is made of: a quarter of the bytes."""
    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    bits = whole.constBits()
    bits.setsize(whole.sizeInBytes())
    colours = [colour for colour, _ in Counter(memoryview(bits).cast("B").cast("I")).most_common(256)]
    plainly = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return whole.convertToFormat(QImage.Format.Format_Indexed8, colours, plainly)


if __name__ == "__main__":
    application = QApplication(sys.argv)
    photographer = Photographer(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.exit(application.exec())
