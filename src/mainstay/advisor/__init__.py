"""The right-fit advisor (P4): questions and rules as data, what they recommend, and why.

`rules`, `recommend`, `survey`, `link` and `text` are PURE; `models`, `publish`, `leads`, `offer` and `advice` know
the database.
"""
