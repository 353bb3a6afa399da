"""stallbox.txt as people write it: every editor, every typo, and what the box writes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.firstboot.card import CHECKS, MARK, annotated, decoded, read_card
from tests.image.recipe import IMAGE

GOOD = "country = DE\nwifi_name = Night market\nwifi_password = lanterns 4 all\ntime_zone = Europe/Berlin\n"
READ = {
    "country": "DE",
    "wifi_name": "Night market",
    "wifi_password": "lanterns 4 all",
    "time_zone": "Europe/Berlin",
}


def settings(text: str) -> dict[str, str]:
    card = read_card(text)
    assert card.problems == ()
    return dict(card.settings)


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-le").join([b"\xff\xfe", b""]),
        GOOD.replace("= ", "= “").replace("\n", "”\n").encode(),
        GOOD.replace("= ", "= ‘").replace("\n", "’\n").encode("cp1252"),
        GOOD.replace(" = ", ": ").encode(),
        GOOD.replace("country", "COUNTRY").replace("wifi_name", "Wifi-Name").replace("time_zone", "Time zone").encode(),
        GOOD.replace(" ", "\u00a0").encode(),
        ("\n\n# a remark\n; another\n" + GOOD.replace("\n", "   \n\n")).encode(),
    ],
    ids="plain crlf bom utf16 utf16le curly cp1252 colon capitals nbsp gaps".split(),
)
def test_every_editor_is_read_alike(raw: bytes) -> None:
    assert settings(decoded(raw)) == READ


def test_the_file_that_is_shipped_sets_nothing_and_is_left_alone() -> None:
    text = (IMAGE / "boot/stallbox.txt").read_text(encoding="utf-8")
    card = read_card(text)
    assert (dict(card.settings), card.problems) == ({}, ())
    assert annotated(text, card) == text


def test_the_file_that_is_shipped_names_every_setting_once_it_is_uncommented() -> None:
    text = (IMAGE / "boot/stallbox.txt").read_text(encoding="utf-8")
    lines = [line[1:] for line in text.splitlines() if line.startswith("#") and not line.startswith("# ")]
    card = read_card("\n".join(lines))
    assert card.problems == ()
    assert {line.partition("=")[0].strip() for line in lines} == set(CHECKS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("country = UK", "country is not UK: write GB"),
        ("country = Germany", "country is two letters, such as DE, IN or PE"),
        ("wifi_password = short", "wifi_password has 8 to 63 letters, digits and signs, without accents"),
        ("wifi_password = Straßenfest", "wifi_password has 8 to 63 letters, digits and signs, without accents"),
        ("wifi_name = " + "ä" * 17, "wifi_name is too long: at most 32 letters, fewer with accents"),
        ("wifi_channel = 13", "wifi_channel is 1, 6 or 11"),
        (
            "time_zone = Europe/Berlni",
            "time_zone is not known, write it as Europe/Berlin; did you mean 'Europe/Berlin'?",
        ),
        ("cable = both", "cable is uplink or stall"),
        ("wifi_nmae = Market", "there is no setting 'wifi_nmae'; did you mean 'wifi_name'?"),
        ("just words", "is not 'name = value'"),
    ],
)
def test_a_mistake_is_said_in_a_sentence_and_the_other_lines_hold(line: str, said: str) -> None:
    card = read_card(f"{line}\n# remark\ncable = stall\n")
    assert dict(card.settings) == {"cable": "stall"}
    assert card.sentences() == (f"stallbox.txt:1: {said}",)


def test_mistakes_are_written_below_their_lines_once_and_go_when_they_are_mended() -> None:
    text = "country = UK\r\ncable = stall\r\n"
    once = annotated(text, read_card(text))
    assert once == f"country = UK\r\n{MARK}country is not UK: write GB\r\ncable = stall\r\n"
    assert annotated(once, read_card(once)) == once
    mended = once.replace("UK\r\n#", "GB\r\n#")
    assert annotated(mended, read_card(mended)) == "country = GB\r\ncable = stall\r\n"


def test_a_password_is_taken_out_of_the_file_once_it_is_used() -> None:
    text = GOOD
    back = annotated(text, read_card(text))
    assert "lanterns" not in back
    assert settings(back) == {key: value for key, value in READ.items() if key != "wifi_password"}


def test_a_password_that_is_wrong_stays_for_its_owner_to_mend() -> None:
    text = "wifi_password = short\n"
    assert annotated(text, read_card(text)).startswith("wifi_password = short\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception_and_annotating_settles(raw: bytes) -> None:
    text = decoded(raw)
    once = annotated(text, read_card(text))
    again = read_card(once)
    assert annotated(once, again) == once
    assert "wifi_password" not in again.settings


@given(st.dictionaries(st.sampled_from(sorted(CHECKS)), st.text(max_size=40)))
def test_whatever_is_read_passes_its_own_check_again(values: dict[str, str]) -> None:
    card = read_card("\n".join(f"{key} = {value}" for key, value in values.items()))
    for key, value in card.settings.items():
        assert CHECKS[key](value) == value
