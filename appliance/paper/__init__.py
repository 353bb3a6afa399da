"""Tickets, vouchers and member cards on paper and screens: PDF and HTML, with QR codes."""
