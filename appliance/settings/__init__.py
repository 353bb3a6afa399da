"""The settings: what there is to set, and how files become settings. `appliance.config` is the public face."""
