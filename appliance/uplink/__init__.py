"""MQTT: the journal's tail, the box's status and its telemetry, on their way to the fleet."""
