"""`python -m appliance` is the `stallbox` command."""

from appliance.cli import main

main()
