"""What people and programs see of the box: the kiosk, the staff's page, the owner's page and the API."""
