"""What the appliance costs: figures taken from the kernel, printed by `make bench`."""
