"""Who hears of an event, the words, the channels."""
