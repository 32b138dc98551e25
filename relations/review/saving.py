"""Notebooks as files: with the metadata of no machine, so that saving unrun changes nothing."""

from __future__ import annotations

from typing import Any

# As JupyterLab writes them, but for the version of Python, which differs from reader to reader.
METADATA: dict[str, dict[str, Any]] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
# The state of widgets ends with the session that made them.
OF_A_SESSION = ("widgets",)
# Nothing but the random id of a widget, of the session that made it.
VIEW = "application/vnd.jupyter.widget-view+json"


def normalise(notebook: Any) -> None:
    """Put the metadata of a notebook as they are committed, in place.

    What is said of the kernel becomes the same wherever it is saved; the state of widgets
    goes, and views of them do, where something else stands in for them.

    Parameters
    ----------
    notebook : dict
        As nbformat reads it, version 4.
    """
    metadata = notebook["metadata"]
    if metadata.get("kernelspec", {}).get("language", "python") != "python":
        return
    for name, stated in METADATA.items():
        metadata[name] = {**stated}
    for name in OF_A_SESSION:
        metadata.pop(name, None)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(VIEW, None)


def as_committed(model: dict[str, Any], **_: Any) -> None:
    """Normalise what Jupyter is about to save; a hook for its contents manager."""
    if model.get("type") == "notebook" and model.get("content", {}).get("nbformat") == 4:
        normalise(model["content"])
