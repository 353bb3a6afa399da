"""GSM, UMTS and LTE modems that take AT commands and messages as PDUs: SIM800, SIM7600, Quectel, Huawei sticks …

Sources: 3GPP TS 27.005 (CMGF, CNMI, CMGS, CDS), 3GPP TS 27.007 (CPIN, CREG, CEREG, CSQ, CMEE).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence

from appliance.core.errors import DeviceLost
from appliance.core.modem import ModemStatus, Network, Sim, SmsRefused, SmsUnsure
from appliance.core.sms.parts import Part
from appliance.core.sms.pdu import Report, read_report, submit
from appliance.drivers.modem.line import WIRING, AtError, AtLine

CTRL_Z, ESCAPE = b"\x1a", b"\x1b"
ANSWER_S = 5.0
_PIN_S = 20.0  # a SIM takes seconds to look at a PIN
SEND_S = 60.0  # the longest that modules' papers give for AT+CMGS
_REPORTS = ("AT+CNMI=2,0,0,1,0", "AT+CNMI=2,0,0,2,0", "AT+CNMI=1,0,0,1,0")  # as +CDS, else kept and told by +CDSI
_CPIN = {"READY": Sim.READY, "SIM PIN": Sim.PIN_NEEDED, "SIM PUK": Sim.PUK_NEEDED}
_SIM_ERRORS = {10: Sim.MISSING, 11: Sim.PIN_NEEDED, 12: Sim.PUK_NEEDED, 13: Sim.MISSING, 16: Sim.PIN_WRONG}  # CME
_REGISTERED = {0: Network.NONE, 1: Network.HOME, 2: Network.SEARCHING, 3: Network.DENIED, 5: Network.ROAMING}
# TS 27.005, 3.2.5, and TS 24.011, annex E: the way there, not the message, is at fault.
_TEMPORARY = {17, 22, 27, 38, 41, 42, 47, 192, 194, 195, 310, 311, 313, 314, 315, 320, 322, 331, 500, 512, 515}
_UNKNOWN_END = 332  # network timeout: it may have taken the message


class GsmModem:
    """A modem on the serial line `port`. `pin` opens the SIM card; one that was wrong is never tried again.

    `stopping` is asked while the network takes its time; True ends the wait.
    """

    model = "gsm"

    def __init__(
        self,
        port: str,
        baud_rate: int = 115200,
        pin: str = "",
        stopping: Callable[[], bool] = lambda: False,
        answer_limit_s: float = ANSWER_S,
        send_limit_s: float = SEND_S,
    ) -> None:
        self._line = AtLine(port, baud_rate, stopping)
        self._pin = pin
        self._pin_was_wrong = False
        self._answer_s = answer_limit_s
        self._send_s = send_limit_s
        self._is_set = False
        self._reports: list[Report] = []

    def open(self) -> None:
        """Take the line, end whatever was under way on it, and see that a modem answers. Raises DeviceLost."""
        self._line.open()
        self._is_set = False
        try:
            self._line.write(ESCAPE)
            self._line.drain(self._answer_s)  # a late answer would pass for that to the next question
            self._ask("ATE0")
            self._ask("AT+CMEE=1")
        except DeviceLost:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()

    def status(self) -> ModemStatus:
        """Ask for SIM, network and signal. Raises DeviceLost."""
        sim = self._sim()
        if sim is Sim.PIN_NEEDED and self._pin:
            sim = self._give_pin()
        if sim is not Sim.READY:
            return ModemStatus(sim)
        if not self._is_set:
            self._set_up()
        return ModemStatus(sim, self._network(), self._signal_dbm())

    def send(self, number: str, part: Part) -> int:
        """Hand one part to the network; see Modem in core/modem."""
        pdu = submit(number, part)
        if not self._is_set:
            self._set_up()
        try:
            self._line.prompt(f"AT+CMGS={pdu.tpdu_bytes}", self._answer_s)
            self._line.write(pdu.hex.encode("ascii"))
        except AtError as error:
            raise _refused(error) from error
        except DeviceLost:
            with contextlib.suppress(DeviceLost):
                self._line.write(ESCAPE)  # so that a prompt that comes late waits for nothing
            raise
        try:
            self._line.write(CTRL_Z)
            answer = self._line.answer(self._send_s)
        except AtError as error:
            raise _refused(error) from error
        except DeviceLost as lost:
            raise SmsUnsure("sms_unsure", f"The message was handed over, then: {lost.message}") from lost
        reference = _number(r"\+CMGS: ?(\d{1,3})", answer)
        if reference is None:
            raise SmsUnsure("sms_unsure", "The modem took the message and gave it no reference.")
        return reference % 256

    def reports(self, timeout_s: float) -> Sequence[Report]:
        """Return the status reports that came. Raises DeviceLost."""
        self._line.listen(timeout_s)
        news, self._line.unasked = self._line.unasked, []
        for line, pdu in news:
            if line.startswith("+CDS:"):
                self._take_report(line, pdu)
            elif line.startswith("+CDSI:"):
                self._fetch_report(line)
        found, self._reports = self._reports, []
        return found

    def _set_up(self) -> None:
        """Choose PDUs and have status reports brought; only once the SIM is open."""
        try:
            self._ask("AT+CMGF=0")
        except DeviceLost as lost:
            raise DeviceLost("no_pdu", "This modem takes no messages as PDUs.", "Use another modem.") from lost
        for command in _REPORTS:
            with contextlib.suppress(AtError):
                self._line.ask(command, self._answer_s)
                break
        self._is_set = True  # without reports a message ends as sent

    def _sim(self) -> Sim:
        try:
            lines = self._line.ask("AT+CPIN?", self._answer_s)
        except AtError as error:
            return _SIM_ERRORS.get(error.code, Sim.UNKNOWN)
        found = next((line for line in lines if line.startswith("+CPIN:")), "")
        return Sim.PIN_WRONG if self._pin_was_wrong else _CPIN.get(found.removeprefix("+CPIN:").strip(), Sim.UNKNOWN)

    def _give_pin(self) -> Sim:
        try:
            self._line.ask(f'AT+CPIN="{self._pin}"', max(self._answer_s, _PIN_S))
        except AtError as error:
            found = _SIM_ERRORS.get(error.code, Sim.UNKNOWN)
            self._pin_was_wrong = found is not Sim.PUK_NEEDED
            return Sim.PIN_WRONG if self._pin_was_wrong else found
        return Sim.READY

    def _network(self) -> Network:
        """Ask the older network first: an LTE modem may be registered in the newer one alone."""
        found = Network.NONE
        for command in ("CREG", "CEREG"):
            with contextlib.suppress(AtError):
                number = _number(rf"\+{command}: ?\d,(\d+)", self._line.ask(f"AT+{command}?", self._answer_s))
                here = _REGISTERED.get(-1 if number is None else number, Network.NONE)
                if here in (Network.HOME, Network.ROAMING):
                    return here
                found = here if found is Network.NONE else found
        return found

    def _signal_dbm(self) -> int | None:
        """Read AT+CSQ: 0 to 31 in steps of 2 dB from -113 dBm, 99 not known."""
        with contextlib.suppress(AtError):
            level = _number(r"\+CSQ: ?(\d+),\d+", self._line.ask("AT+CSQ", self._answer_s))
            return None if level is None or level > 31 else 2 * level - 113
        return None

    def _take_report(self, line: str, pdu: str) -> None:
        length = _number(r"\+\w+:.*?(\d+)", [line])
        with contextlib.suppress(ValueError):  # garbled on the way: the message stays as sent
            self._reports.append(read_report(pdu, length or 0))

    def _fetch_report(self, line: str) -> None:
        place = re.fullmatch(r'\+CDSI: ?"(\w{2})",(\d+)', line)
        if place is None:
            return
        with contextlib.suppress(AtError):
            self._line.ask(f'AT+CPMS="{place[1]}"', self._answer_s)
            answer = self._line.ask(f"AT+CMGR={place[2]}", self._answer_s)
            if len(answer) == 2:
                self._take_report(f"+CDS: {answer[0].rpartition(',')[2]}", answer[1])
            self._line.ask(f"AT+CMGD={place[2]}", self._answer_s)

    def _ask(self, command: str) -> list[str]:
        """Give a command that any modem knows. Raises DeviceLost."""
        try:
            return self._line.ask(command, self._answer_s)
        except AtError as error:
            raise DeviceLost("not_a_modem", f"What answers is no modem that knows {command}.", WIRING) from error


def _number(pattern: str, lines: Sequence[str]) -> int | None:
    """Return the number in the first line that fits."""
    found = next(filter(None, (re.fullmatch(pattern, line) for line in lines)), None)
    return int(found[1]) if found else None


def _refused(error: AtError) -> SmsRefused | SmsUnsure:
    if error.code == _UNKNOWN_END:
        return SmsUnsure("sms_unsure", "The network did not answer in time.")
    temporary = error.kind != "CMS" or error.code in _TEMPORARY
    told = f" (CMS error {error.code})" if error.kind == "CMS" else ""
    what = "does not take messages now" if temporary else "refuses this message"
    return SmsRefused("sms_refused", f"The network {what}{told}.", temporary)
