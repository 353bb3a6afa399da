"""The longer commands of the command line, one module each; like cli.py they see every layer."""
