"""Make the environment of a lock, by uv where it can be had and else by pip.

python .ci/setup.py FOLDER LOCK         make FOLDER anew from LOCK, and install this checkout
python .ci/setup.py --add FOLDER LOCK   install LOCK into FOLDER as well
python .ci/setup.py --uv FOLDER ...     run the uv of FOLDER, looking where pip looks
"""

import contextlib
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDEXES = runpy.run_path(str(ROOT / "relations" / "review" / "_indexes.py"))
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
# What pip says of places that it is told to look in and that are not there, and what uv says
# of each package: neither is news.
NOISE = re.compile(
    r"WARNING: (Location .* is ignored|Running pip as)|Looking in (links|indexes)"
    r"|Requirement already satisfied|\[notice\]| [+~-] [\w.-]+==|warning: Failed to hardlink"
    r"|\s+If the cache and target|Using Python |\s*$"
)
NO_INDEX = """the environment could not be made: see what was said above
It needs a package index; which one pip is set to: python3 -m pip config list"""


def python_of(folder):
    return str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")


def run(command, environment=None, tell=print):
    """Run a command, passing on what it says line by line but noise; return its status."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    ) as child:  # fmt: skip
        for line in child.stdout:
            if not NOISE.match(line):
                tell(line.rstrip())
    return child.returncode


def say(text):
    print(text, flush=True)


def pin_of(name, lock):
    """Return the lines of a lock that pin one package, with its hashes."""
    found = re.search(rf"^{name}==[^\n]*(\n    --hash=\S+[^\n]*)+", lock.read_text("utf-8"), re.M)
    return found[0] + "\n" if found else ""


def install_uv(python, lock):
    """Install the uv that the lock pins; whether that worked."""
    pin = pin_of("uv", lock)
    if not pin:
        return False
    with tempfile.TemporaryDirectory() as place:
        wanted = Path(place) / "uv.lock"
        wanted.write_text(pin, "utf-8")
        heard = []
        command = [python, *PIP, "install", "--quiet", "--no-deps", "--only-binary", "uv",
                   "--require-hashes", "--requirement", str(wanted)]  # fmt: skip
        return run(command, tell=heard.append) == 0


def uv_of(python):
    uv = Path(python).with_name("uv.exe" if os.name == "nt" else "uv")
    return str(uv) if uv.is_file() else None


def install_by_uv(python, lock):
    """Install a lock with uv; whether that worked."""
    words = ["pip", "install", "--python", python, "--no-progress",
             "--require-hashes", "--requirement", str(lock)]  # fmt: skip
    command, environment = INDEXES["uv_run"](python, uv_of(python), words)
    return run(command, environment, say) == 0


def install_by_pip(python, lock):
    """Install a lock with pip, telling now and then how far it is; whether that worked."""
    wanted = set(re.findall(r"^([a-z0-9][\w.-]*)==", lock.read_text("utf-8"), re.M))
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    collected, heard, done = [], [], threading.Event()

    def listen(line):
        (collected if line.startswith(("Collecting ", "Processing ")) else heard).append(line)

    def tell():
        told = time.monotonic()
        while not done.wait(5):
            names = (each.name.partition("-")[0] for each in Path(site).glob("*.dist-info"))
            there = wanted & {re.sub("[-_.]+", "-", name).lower() for name in names}
            say(f"  {time.monotonic() - told:.0f} s: {len(collected)} of {len(wanted)} found, "
                f"{len(there)} installed")  # fmt: skip

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    command = [python, *PIP, "install", "--progress-bar", "off", "--no-build-isolation",
               "--require-hashes", "--requirement", str(lock)]  # fmt: skip
    status = run(command, tell=listen)
    done.set()
    teller.join()
    if status:
        say("\n".join(heard[-20:]))
    return status == 0


def install(python, lock):
    """Install a lock, by uv where that can be had; whether that worked."""
    if uv_of(python) or install_uv(python, lock):
        if install_by_uv(python, lock):
            return True
        say("uv could not install it; trying pip")
    else:
        say("uv cannot be had from where pip looks; installing with pip, which takes longer")
    return install_by_pip(python, lock)


def make(folder, lock):
    say(f"Making the environment in {folder}; the first time this takes a minute.")
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    python = python_of(folder)
    if not install(python, lock):
        return False
    settings = folder / "etc" / "jupyter"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / ".ci" / "jupyter_server_config.py", settings)
    say("Installing this checkout.")
    words = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    return run([python, *PIP, *words, "--editable", "."], tell=say) == 0


def main(words):
    task = words.pop(0) if words[0].startswith("--") else "--make"
    folder = Path(words.pop(0)).absolute()
    python = python_of(folder)
    if task == "--uv":
        command, environment = INDEXES["uv_run"](python, uv_of(python), words)
        return subprocess.run(command, env=environment, check=False).returncode
    lock = Path(words[0]).absolute()
    done = install(python, lock) if task == "--add" else make(folder, lock)
    if not done:
        print(NO_INDEX, file=sys.stderr)
    return int(not done)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
    sys.exit(130)
