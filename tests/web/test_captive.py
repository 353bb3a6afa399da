"""The way in, as phones of each make walk it."""

from __future__ import annotations

import json

import pytest

from appliance.web.captive import PROBES, Joined
from tests.image.recipe import OVERLAY
from tests.web.webbox import Box

ASKED = [  # what a system asks, and what tells it that nothing is in the way
    ("http://connectivitycheck.gstatic.com/generate_204", 204, ""),
    ("http://connectivitycheck.android.com/generate_204", 204, ""),
    ("http://clients3.google.com/generate_204", 204, ""),
    ("http://captive.apple.com/hotspot-detect.html", 200, "Success"),
    ("http://www.msftconnecttest.com/connecttest.txt", 200, "Microsoft Connect Test"),
    ("http://www.msftncsi.com/ncsi.txt", 200, "Microsoft NCSI"),
    ("http://detectportal.firefox.com/success.txt?ipv4", 200, "success\n"),
    ("http://detectportal.firefox.com/canonical.html", 200, "captive-portal"),
    ("http://nmcheck.gnome.org/check_network_status.txt", 200, "NetworkManager is online"),
]


@pytest.mark.parametrize(("url", "status", "body"), ASKED)
def test_a_phone_is_shown_the_page_until_it_stays(box: Box, url: str, status: int, body: str) -> None:
    client = box.app.test_client()
    first = client.get(url)
    assert (first.status_code, first.headers["Location"].endswith("/join")) == (302, True)
    page = client.get(first.headers["Location"])
    assert "Stay joined" in page.text
    assert "You stay joined" in client.post("/join/stay").text
    after = client.get(url)
    assert after.status_code == status
    assert body in after.text


def test_staying_is_each_phones_own_matter(box: Box) -> None:
    client = box.app.test_client()
    client.post("/join/stay", environ_base={"REMOTE_ADDR": "10.42.0.20"})
    asked = {
        address: client.get("http://captive.apple.com/", environ_base={"REMOTE_ADDR": address}).status_code
        for address in ("10.42.0.20", "10.42.0.21")
    }
    assert asked == {"10.42.0.20": 200, "10.42.0.21": 302}


def test_programs_are_told_the_same_as_people(box: Box) -> None:
    client = box.app.test_client()
    before = client.get("/captive-portal")
    assert before.content_type == "application/captive+json"
    assert json.loads(before.text)["captive"] is True
    client.post("/join/stay")
    assert json.loads(client.get("/captive-portal").text)["captive"] is False


def test_the_kiosk_itself_is_never_in_the_way(box: Box) -> None:
    assert box.app.test_client().get("/").status_code == 200


def test_the_hotspots_names_and_the_probes_are_the_same_list() -> None:
    lines = (OVERLAY / "etc/NetworkManager/dnsmasq-shared.d/stallbox.conf").read_text().splitlines()
    taken = {line.split("/")[1] for line in lines if line.startswith("address=")}
    assert taken - {"stall.box", "stallbox"} == set(PROBES)


def test_the_oldest_guest_is_forgotten_first() -> None:
    joined = Joined(most=2)
    for address in ("a", "b", "a", "c"):
        joined.add(address)
    assert [address in joined for address in "abc"] == [True, False, True]
