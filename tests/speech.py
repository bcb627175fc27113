"""A meeting of two decisions, and what Claude says of it."""

from tests.unit.extraction.messages_api import decision

SPEECH = (
    "[00:00:05] Ana: Good morning.\n"
    "[00:00:09] Rui: The frame of the hall will be steel.\n"
    "[00:00:15] Ana: And the stairs will be oak.\n"
)
STEEL = decision("The frame of the hall will be steel.", 1, "The frame will be steel.")
OAK = decision("the stairs will be oak", 2, "The stairs will be oak.")
