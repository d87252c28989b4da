"""Every channel the assistant speaks on. To add one: a file here, a line below."""

from bot.channels.console import Console
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from bot.messages import Channel

CHANNELS: dict[str, Channel] = {
    channel.kind: channel for channel in (Telegram(), ZaloOA(), ZaloBot(), Web(), Console())
}
