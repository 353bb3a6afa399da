"""Power cuts without hardware: record what reaches a disk, then replay what a cut could have left of it."""
