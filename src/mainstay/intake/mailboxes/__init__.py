"""Any number of addresses that customers write to, and the fetching of those that are kept elsewhere (I1)."""
