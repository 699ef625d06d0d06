"""How requests arrive: mail, portal, phone. Every way ends in `tickets.acknowledgement.open_ticket`."""
