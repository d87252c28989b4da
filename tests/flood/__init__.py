"""`python -m tests.flood chats` and `… pushes`: what delivery promises, at the scale of a province.

`chats`   ten thousand updates from 500 chats in random order, one in ten brought twice, one send in
          twenty going wrong, a random process killed (-9) five seconds after all stand again: what
          was acknowledged is answered, in order, twice only where docs/delivery.md says so.
`pushes`  a push for each of 100,000 followers while citizens chat: everybody gets it once, and
          replies stay quick. Time is scaled: Telegram's 30 messages a second times `--factor`.

Real processes, a real database, the strict fakes. A channel is put to this test by a `Side`.
"""

from tests.flood.chats import ChatsOutcome, flood_of_chats
from tests.flood.pushes import PushesOutcome, flood_of_pushes
from tests.flood.sides import SIDES, Side

__all__ = ["SIDES", "ChatsOutcome", "PushesOutcome", "Side", "flood_of_chats", "flood_of_pushes"]
