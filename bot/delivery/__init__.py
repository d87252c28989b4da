"""Sends what is queued: replies and pushes; retries, gives up, and keeps to what a channel takes.

Replies have one key per chat (`out:…`), pushes another (`push:…`): neither holds up the other. A
send that may have arrived is repeated where it is a reply (twice is harmless), once where it is a
push. Whatever a process has between "accepted" and "noted" when it is killed will come twice, so a
process has one reply there at a time, as long as the network is quick enough for that.
docs/delivery.md says what is guaranteed.
"""

from bot.delivery import pacing
from bot.delivery.pushes import send_push
from bot.delivery.replies import answer, send_reply
from bot.delivery.upkeep import forget

__all__ = ["answer", "forget", "send_push", "send_reply"]

pacing.register()
