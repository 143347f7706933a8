"""From the command to the first paint, to listening, and to `serve` being ready, against a bare PySide6 window.

    uv run python tests/benchmarks/start_up.py [RUNS]

The runs alternate, so that a machine that slows down slows all of them down.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("painted", flush=True)
        QApplication.exit()
app = QApplication([])
window = Window()
window.resize(1360, 850)
window.show()
app.exec()
"""
TAPDESK = """
import sys
from pathlib import Path
import ui.frame.running
from ui.frame.window import TapdeskWindow
class Window(TapdeskWindow):
    said = False
    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.said:
            self.said = True
            print("painted", flush=True)
    def open_site(self, application):
        super().open_site(application)
        print("filled", flush=True)
    async def listen(self, **options):
        await super().listen(**options)
        print("listening", flush=True)
        self.quitting.emit()
ui.frame.running.TapdeskWindow = Window
ui.frame.running.run_window(Path(sys.argv[1]), "127.0.0.1", 0, demo=False)
"""


def moments(*command: str) -> dict[str, float]:
    """Seconds from the start of a command to each line it prints, by the line's first word; it is then ended."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found = {}
    for line in process.stdout:
        found.setdefault(line.split()[0], time.monotonic() - began)
        if line.startswith("Listening"):
            process.terminate()
            break
    process.stdout.close()
    process.wait(timeout=20)
    return found


def main() -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    bare, painted, filled, listening, serving = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs + 1):
            bare.append(moments("-c", BARE)["painted"])
            window = moments("-c", TAPDESK, f"{folder}/window")
            painted.append(window["painted"])
            filled.append(window["filled"])
            listening.append(window["listening"])
            serve = moments("-m", "app", "serve", "--host", "127.0.0.1", "--port", "0", "--data", f"{folder}/serve")
            serving.append(serve["Listening"])
    # The first round fills the file caches and makes the databases.
    floor, first = statistics.median(bare[1:]), statistics.median(painted[1:])
    print(f"bare PySide6 window, first paint: {floor:.2f} s")
    print(f"Tapdesk, first paint: {first:.2f} s, {first / floor:.2f} × bare")
    print(f"Tapdesk, filled with the site: {statistics.median(filled[1:]) - first:+.2f} s to its first paint")
    print(f"Tapdesk, listening: {statistics.median(listening[1:]) - first:+.2f} s to its first paint")
    print(f"tapdesk serve, ready: {statistics.median(serving[1:]):.2f} s")
    print(f"on new data folders: first paint {painted[0]:.2f} s, serve {serving[0]:.2f} s")


if __name__ == "__main__":
    main()
