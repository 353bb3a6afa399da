"""Programs of others, unchanged, at the emulated devices: the emulators are no echo of our own drivers."""
