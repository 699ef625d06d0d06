"""What one mail says, as pure functions: bytes in, facts out. No Django, no database, no network.

`parse.parse` reads any byte sequence into a `Message`; the other modules ask one question each of it:
`automatic` (is it from a person?), `bounces` (whom did not our mail reach?), `sender` (is it really from
there?), `signed` (which of our tickets does it answer?), `fields` (what does the request already say?),
`html` (what may be shown?).
"""
