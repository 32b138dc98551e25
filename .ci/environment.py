"""Write environment.yml from requirements.lock, so that conda installs the same set."""

import re
from pathlib import Path

HEAD = """# Made from requirements.lock by `make lock`; a test keeps the two equal.
name: china-vietnam-relations
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - make
  - pip:
"""

lock = Path("requirements.lock").read_text(encoding="utf-8")
pins = re.findall(r"^([a-z0-9][^ ;\\\n]*==[^ ;\\\n]+)( ; [^\\\n]*)?", lock, flags=re.MULTILINE)
lines = []
for pin, marker in pins:
    text = f"{pin} ; {marker.removeprefix(' ; ').strip()}" if marker.strip() else pin
    lines.append(
        f"      - {text}\n" if '"' not in text and "'" not in text else f'      - "{text}"\n'
    )
Path("environment.yml").write_text(
    HEAD + "".join(lines) + "      - --editable .\n", encoding="utf-8"
)
