"""Parts of the policy on pages of their own: calendars, severities, closing, what is not covered (P2, V1, C1, X1)."""
