"""Where packages come from: uv is told what pip is set to.

Only what every Python has is imported here, because `.ci/setup.py` reads this file before
there is an environment.
"""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

# What uv calls a setting of pip of which it takes the value as it is.
SAME = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY"),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}


def pip_settings(python: str) -> dict[str, str]:
    """Return what the pip of a Python is set to, by files and by the environment."""
    command = [python, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    return parse_settings(done.stdout)


def parse_settings(listing: str) -> dict[str, str]:
    r"""Read what ``pip config list`` prints; the environment goes before files.

    Examples
    --------
    >>> from relations.review._indexes import parse_settings
    >>> parse_settings("global.index-url='https://a'\ninstall.index-url='https://b'")
    {'index-url': 'https://b'}
    """
    found: dict[str, tuple[int, str]] = {}
    order = {"global": 0, "install": 1, ":env:": 2}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if not equals or section not in order:
            continue
        if order[section] >= found.get(name, (0, ""))[0]:
            found[name] = order[section], str(ast.literal_eval(value))
    return {name: value for name, (_, value) in found.items()}


def uv_settings(pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that make uv look where pip would.

    Parameters
    ----------
    pip : dict
        As from `pip_settings`.

    Examples
    --------
    >>> from relations.review._indexes import uv_settings
    >>> uv_settings({"index-url": "https://example.org/simple"})
    {'UV_DEFAULT_INDEX': 'https://example.org/simple'}
    """
    found = {
        name: value
        for setting, value in pip.items()
        for name in SAME.get(setting, ())
        if value.strip()
    }
    # uv takes a proxy without a scheme for none at all.
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        if name in found and "//" not in found[name]:
            found[name] = f"http://{found[name]}"
    if further := [url for url in pip.get("extra-index-url", "").split() if _is_there(url)]:
        found["UV_INDEX"] = " ".join(further)
        # As pip does; a lock's hashes say which file it has to be.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if places := [place for place in pip.get("find-links", "").split() if _is_there(place)]:
        found["UV_FIND_LINKS"] = ",".join(places)
    if hosts := pip.get("trusted-host", "").split():
        found["UV_INSECURE_HOST"] = " ".join(hosts)
    return found


def uv_options(pip: Mapping[str, str]) -> list[str]:
    """Return what uv has to be told in so many words, for want of a variable.

    Examples
    --------
    >>> from relations.review._indexes import uv_options
    >>> uv_options({"no-index": "1"})
    ['--no-index']
    """
    no_index = pip.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return ["--no-index"] * no_index


def _is_there(place: str) -> bool:
    """Whether something can be looked for there: pip passes over a folder that is not."""
    parts = urlparse(place)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).exists()
    return bool(parts.scheme) or Path(place).exists()


def uv_run(
    python: str, uv: str, words: list[str], environment: Mapping[str, str] = os.environ
) -> tuple[list[str], dict[str, str]]:
    """Return the command and the environment in which uv looks where the pip of a Python looks.

    What is set for uv itself stays.

    Parameters
    ----------
    python, uv : str
        The programs.
    words : list of str
        Such as ``["pip", "install", ...]``: the first two name the task.
    """
    pip = pip_settings(python)
    command = [uv, *words[:2], *uv_options(pip), *words[2:]]
    return command, uv_settings(pip) | dict(environment)
