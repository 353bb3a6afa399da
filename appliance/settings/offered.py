"""A file of settings that is offered to a box: what would be wrong once it is one of those that apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from appliance.settings.loader import ConfigError, Problem, layers, load

BESIDE_BOX = "beside what the box has set already"
BESIDE_OWN = "beside what was set on the setup page"


def mistakes(offered: Path, place: Path, main: Path, own: Path) -> Sequence[str]:
    """Say what would be wrong with a file in its `place` in `conf.d`, a sentence each that names no other file.

    It is read among all that apply, and what is wrong without it as well is not its mistake.
    """
    others = [path for path in layers(default=main, own=own) if path != place]
    stronger = [path for path in others if path == own or (path.parent == place.parent and path > place)]
    weaker = [path for path in others if path not in stronger]
    wrong_before = _problems(others)
    wrong = [problem for problem in _problems([*weaker, offered, *stronger]) if problem not in wrong_before]
    if not wrong:
        return ()
    alone = _said(_problems([offered]))
    in_box = _said(_problems([*weaker, offered, *(path for path in stronger if path != own)]))

    def sentence(problem: Problem) -> str:
        line = problem.line if problem.file == offered else None
        said = str(replace(problem, file=Path(offered.name), line=line))
        if (problem.key, problem.what) in alone:
            return said
        return f"{said} ({BESIDE_BOX if (problem.key, problem.what) in in_box else BESIDE_OWN})"

    return tuple(map(sentence, wrong))


def _problems(paths: Sequence[Path]) -> Sequence[Problem]:
    try:
        load(paths)
    except ConfigError as error:
        return error.problems
    return ()


def _said(problems: Sequence[Problem]) -> set[tuple[str, str]]:
    return {(problem.key, problem.what) for problem in problems}
