"""What staff's and the owner's pages say: complete in every language, said by keys only, and no key for nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from appliance.core.clock import ClockSource
from appliance.core.eventfile import read_event
from appliance.core.office_texts import MAX_TEXT, OF_SCREEN, PARTS, is_one, keys_of, office, own_office
from appliance.core.screen import SCREEN_LANGUAGES, own_screen
from appliance.core.texts import text_problem
from appliance.core.tomltext import TomlProblems
from tests.books import EVENT_TEXT

ROOT = Path(__file__).parents[2]
WEB = ROOT / "appliance/web"
ENGLISH = own_office("en").texts
# Said by a name that is put together: a code, a state, a step, the title of a verdict …
BY_NAME = re.compile(
    r"(refused|told|heading|paired|group|word|verdict|health|device|print|sms|role|tender|amount_by|back|ticket|lights"
    r"|due|names|clock_source|step|template|kind|right|check|personal|move|tally|called|paper|says)_"
)


def written(part: str, tag: str) -> dict[str, str]:
    file = ROOT / "appliance/core/languages/office" / part / f"{tag}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("tag", SCREEN_LANGUAGES)
def test_each_language_says_everything(tag: str, part: str) -> None:
    said, meant = written(part, tag), written(part, "en")
    assert list(said) == list(meant)
    problems = {key: text_problem(key, text, meant[key], MAX_TEXT) for key, text in said.items()}
    assert {key: problem for key, problem in problems.items() if problem} == {}
    if tag != "en":
        same = [
            key for key in said if said[key] == meant[key] and re.search(r"[a-z]{3}", re.sub(r"{\w+}", "", said[key]))
        ]
        assert len(same) <= 0.05 * len(said), f"words that were not translated: {same}"


def test_each_key_is_in_one_place_only() -> None:
    keys = [key for part in PARTS for key in written(part, "en")] + list(OF_SCREEN)
    assert len(keys) == len(set(keys))


def code_of(*globs: str) -> str:
    files = [path for glob in globs for path in (ROOT / "appliance").glob(glob)]
    return "".join(path.read_text(encoding="utf-8") for path in files)


def test_each_text_is_said_somewhere() -> None:
    code = code_of("web/static/*.js", "web/templates/**/*.html", "web/*.py", "web/owner/*.py", "core/screen.py")
    never = [
        key
        for key in [*keys_of(*PARTS), *OF_SCREEN]
        if not BY_NAME.match(key) and not re.search(rf"""["'`]{key.removesuffix("_one")}["'`]|texts\.{key}\b""", code)
    ]
    assert never == []


# Each page's first scripts, and the parts whose texts it brings along beside what the kiosk says as well.
SCRIPTS = {
    "staff": (["staff.js", "clock.js"], ("pages", "staff", "refused")),
    "door": (["door_page.js"], ("pages", "staff", "refused")),
    "setup": (["clock.js", "live.js"], ("pages", "refused")),
    "setup, tickets": (["setup.js"], ("pages", "setup", "refused")),
    "pair": (["pair.js"], ()),
    "kiosk": (["kiosk.js"], None),
}


@pytest.mark.parametrize("page", SCRIPTS)
def test_what_scripts_say_is_on_their_page(page: str) -> None:
    names, parts = SCRIPTS[page]
    known = set(own_screen("en").texts) if parts is None else {*OF_SCREEN, *keys_of(*parts)}
    code = "".join((WEB / "static" / name).read_text(encoding="utf-8") for name in with_imports(["theme.js", *names]))
    chosen = r"""\b(?:text|counted)\(\s*(?:[^,()`]*\? )?"(\w+)"(?: : "(\w+)")?"""  # the key, or a choice of two
    keys = {key for keys in re.findall(chosen, code) for key in keys if key}
    assert keys >= {"no_answer", "no_session", "act_waits"}
    assert keys - known == set()


def with_imports(names: list[str]) -> list[str]:
    """Return modules and all that they import."""
    found: list[str] = []
    while names:
        found.append(name := names.pop())
        code = (WEB / "static" / name).read_text(encoding="utf-8")
        names += [one for one in re.findall(r'"\./([\w.]+\.js)"', code) if one not in found and one not in names]
    return found


def test_what_templates_and_forms_say_exists() -> None:
    code = code_of("web/templates/staff*.html", "web/templates/staff/*.html", "web/templates/setup*.html")
    code += code_of("web/templates/setup/*.html", "web/templates/clock.html", "web/templates/pin.html")
    said = set(re.findall(r"""\b(?:t|counted)\("(\w+)"[,)]|\bta\("[\w-]+", "(\w+)"[,)]""", code))
    said |= {(key, "") for key in re.findall(r"""\b(?:say|counted)\("(\w+)\"""", code_of("web/**/*.py"))}
    assert {key for keys in said for key in keys if key} - ENGLISH.keys() == set()


def test_each_clock_has_its_words() -> None:
    meant = {f"{told}_{source}" for source in ClockSource for told in ("clock_source", "told_clock_by")}
    assert {key for key in ENGLISH if key.startswith(("clock_source_", "told_clock_by_"))} == meant


def test_each_sentence_of_the_journal_exists() -> None:
    sentences = r"""(?:\.say|_plain|_scan|_order|_payment|_moved|_person|_device)\("(\w+)\""""
    said = re.findall(sentences, code_of("services/telling.py"))
    assert {f"told_{key}" for key in said} - ENGLISH.keys() == set()


def test_what_is_said_by_a_name_exists() -> None:
    """What the box refuses is refused by these codes; the journal's sentences are told."""
    refused = {key.removeprefix("refused_") for key in keys_of("refused")}
    codes = set(re.findall(r'"([a-z_0-9]+)"', code_of("**/*.py")))
    made = {"order_paid", "order_cancelled", "order_expired"}  # raised as f"order_{status}"
    made |= {"no_backup", "no_report"}  # raised as f"no_{command}"
    assert refused - codes - made == set()
    sentences = set(re.findall(r'"([A-Z][^"]*)"', code_of("drivers/**/*.py", "core/*.py", "services/stations/*.py")))
    slugs = {re.sub("[^a-z]+", "_", sentence.lower()).strip("_") for sentence in sentences}
    assert {key.removeprefix("says_") for key in keys_of("staff") if key.startswith("says_")} - slugs == set()
    by_fact = re.compile("role_|guest_|lights_|after_|clock_by_|cash$|card$|transfer$|voucher$|credit$|paid$|failed$")
    telling = code_of("services/telling.py")
    told = {key.removeprefix("told_") for key in keys_of("journal")}
    assert [key for key in told if not by_fact.match(key) and f'"{key}"' not in telling] == []


OFFICE_PAGES = sorted(
    path
    for path in (WEB / "templates").glob("**/*.html")
    if path.name not in {"kiosk.html", "receipt.html", "base.html", "icons.html", "comfort.html"}
)


@pytest.mark.parametrize("page", OFFICE_PAGES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_a_page_says_nothing_but_by_a_key(page: Path) -> None:
    text = re.sub(r"{% block page %}.*?{% endblock %}|{{ address }}[\w/.]*", "", page.read_text(encoding="utf-8"))
    text = re.sub(r"{%.*?%}|{{.*?}}|<code.*?</code>", " ", text, flags=re.DOTALL)
    spoken = re.findall(r"""(?:aria-label|placeholder|title|alt)="([^"]*)\"""", text)
    spoken += re.sub(r"<[^>]*>", "\n", text).split("\n")
    assert [words for words in map(str.strip, spoken) if re.search(r"[A-Za-z]{2}", words)] == []


# What scripts write in quotes for programs: selectors, classes, headers, formats.
FOR_PROGRAMS = re.compile(
    r"[#.\[]|\b(button|input|span)\b|^(told-card|verdict) |^(Content-Type|Idempotency-Key|If-None-Match|Enter)"
)
WORDS_OF_THE_API = {"staff tablet", "Take no money", "Welcome", "Order", "no answer", "no connection"}  # never shown


def literals(code: str) -> list[str]:
    """Return what a script has in quotes, without what templates put in."""
    code = re.sub(r"(^|\s)//.*", "", code)
    while (bare := re.sub(r"\$\{[^{}]*\}", "", code)) != code:
        code = bare
    return [one or other for one, other in re.findall(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\\n]|\\.)*)`', code)]


@pytest.mark.parametrize("script", sorted((WEB / "static").glob("*.js")), ids=lambda path: path.name)
def test_a_script_says_nothing_but_by_a_key(script: Path) -> None:
    said = [
        one for one in literals(script.read_text(encoding="utf-8")) if re.search(r"[a-z]{2} [a-z]{2}|^[A-Z][a-z]", one)
    ]
    assert {words for words in said if not FOR_PROGRAMS.search(words)} <= WORDS_OF_THE_API


def test_one_thing_is_said_as_one() -> None:
    assert [is_one(count, "en") for count in (0, 1, 2)] == [False, True, False]
    assert [is_one(count, "fr-CH") for count in (0, 1, 2)] == [True, True, False]


def test_an_event_brings_a_language_of_its_own_and_says_the_rest_in_english() -> None:
    event = read_event(EVENT_TEXT + '[staff.he]\nlanguage_name = "עברית"\ntill = "קופה"\n')
    hebrew = office("he", event.offices)
    assert (hebrew.direction, hebrew.name, hebrew.texts["till"]) == ("rtl", "עברית", "קופה")
    assert hebrew.texts["door"] == ENGLISH["door"]
    assert office("xx", event.offices) is own_office("en")


def test_an_event_may_say_our_own_languages_otherwise() -> None:
    event = read_event(EVENT_TEXT + '[staff.de]\ntill = "Kassa"\n')
    assert office("de", event.offices).texts["till"] == "Kassa"
    assert office("de", event.offices).texts["door"] == own_office("de").texts["door"]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[staff.he]\ntill = "x"\n', "language_name: is missing"),
        ('[staff.de]\ntil = "x"\n', "there is no such text; did you mean 'till'?"),
        ('[staff.de]\ncharge_amount = "Kassieren"\n', "must hold what 'Charge {amount}' holds between braces"),
    ],
)
def test_what_is_wrong_is_said(table: str, problem: str) -> None:
    with pytest.raises(TomlProblems, match=re.escape(problem)):
        read_event(EVENT_TEXT + table)
