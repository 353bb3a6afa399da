// The paper: one picture a sheet, the newest right under the printer's mouth.
const PAPER = "/bench/api/paper";

const roll = document.getElementById("paper");
const blank = document.getElementById("blank");
const drawer = document.getElementById("drawer");
const slips = new Map(); // sheet number -> picture
let pulsesBefore = null;

/** Shows {sheets: [{number, bytes, cut}], drawer_pulses}, the newest last. */
export function showPaper({ sheets, drawer_pulses: pulses }) {
  const numbers = new Set(sheets.map(({ number }) => number));
  for (const [number, slip] of slips) {
    if (numbers.has(number)) continue;
    slip.remove();
    slips.delete(number);
  }
  const first = slips.size === 0;
  for (const sheet of sheets) lay(sheet, first);
  blank.hidden = sheets.length > 0;
  showDrawer(pulses);
}

function lay({ number, bytes, cut }, quietly) {
  let slip = slips.get(number);
  if (!slip) {
    slip = new Image();
    slip.className = quietly ? "slip" : "slip fresh";
    slips.set(number, slip);
    roll.prepend(slip);
    roll.scrollTo({ top: 0 });
  }
  slip.classList.toggle("cut", cut);
  if (slip.dataset.bytes === String(bytes)) return;
  slip.dataset.bytes = bytes;
  slip.alt = `Sheet ${number}`;
  slip.src = `${PAPER}?format=png&sheet=${number}&bytes=${bytes}`;
  describe(slip, number);
}

async function describe(slip, number) {
  const response = await fetch(`${PAPER}?format=text&sheet=${number}`).catch(() => null);
  if (response?.ok) slip.alt = `Sheet ${number}: ${(await response.text()).replace(/\s+/g, " ")}`;
}

function showDrawer(pulses) {
  if (pulsesBefore !== null && pulses > pulsesBefore) {
    drawer.textContent = "Cash drawer open";
    drawer.classList.add("open");
    setTimeout(() => {
      drawer.textContent = "Cash drawer closed";
      drawer.classList.remove("open");
    }, 4000);
  }
  pulsesBefore = pulses;
}
