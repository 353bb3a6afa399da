"""Home Assistant finds the box by itself: one retained message with all of its sensors.

Source: Home Assistant's documentation of MQTT device discovery (topic `homeassistant/device/<id>/config`; `dev`,
`o` and `cmps` are required, each component names its platform and a unique_id). A sensor of class `monetary` may
only have the state class `total`.
"""

from __future__ import annotations

from appliance.uplink.settings import UplinkSettings
from appliance.uplink.telemetry import SAVING_FACTOR
from appliance.uplink.topics import Topics

# key: (name, template on the telemetry, further fields)
_SENSORS: dict[str, tuple[str, str, dict[str, str]]] = {
    "battery": (
        "Battery",
        "{{ value_json.battery.charge_pct | default(none) }}",
        {"device_class": "battery", "unit_of_measurement": "%", "state_class": "measurement"},
    ),
    "waiting": ("Entries waiting", "{{ value_json.queue.waiting }}", {"state_class": "measurement"}),
    "sales": ("Sales", "{{ value_json.counts.sales | default(0) }}", {"state_class": "total_increasing"}),
    "admitted": ("Admitted", "{{ value_json.counts.admitted | default(0) }}", {"state_class": "total_increasing"}),
    "printer": ("Printer", "{{ value_json.devices.printer.health | default('absent') }}", {}),
}


def discovery(settings: UplinkSettings, topics: Topics) -> dict[str, object]:
    """Describe the box and its sensors; unavailable once telemetry stays away for three of its longest periods."""
    node = f"stallbox_{settings.fleet}_{settings.box}"
    components = {
        key: {
            "platform": "sensor",
            "name": name,
            "unique_id": f"{node}_{key}",
            "value_template": template,
            "expire_after": int(settings.telemetry_every_s * SAVING_FACTOR * 3),
            **fields,
        }
        for key, (name, template, fields) in _SENSORS.items()
    }
    return {
        "dev": {"ids": [node], "name": f"Stallbox {settings.box}", "mf": "Stallbox", "sw": settings.version},
        "o": {"name": "stallbox", "sw": settings.version},
        "cmps": components,
        "state_topic": topics.telemetry,
        "availability": [{"topic": topics.status, "value_template": "{{ value_json.state }}"}],
        "qos": 1,
    }
