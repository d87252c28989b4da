"""Tell a citizen where their dossier stands, once this chat has proved that it is theirs.

Unproved, a code shows nothing at all: known and unknown codes get the same words. The chat never
asks for a code sent by SMS, a password or an identity number; proof happens by the receipt's link,
on our own page, or by the telephone number that Telegram itself vouches for.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.dossiers import proofs
from backend.dossiers import service as dossiers
from backend.notifications import follow as reminders
from bot.dialogue.flows import help_menu
from bot.dialogue.labels import group, label
from bot.dialogue.turn import Behavior, Outcome, Turn
from bot.messages import Button
from nlu.near_codes import near_code

MOST_LISTED = 4


def start(turn: Turn) -> Outcome:
    """ "Hồ sơ của tôi tới đâu rồi": what this chat has proved, or how to prove it."""
    known = dossiers.known(turn.session, _chat(turn))
    if not known:
        return _how_to_prove(turn, "status/how_to_open")
    if len(known) == 1:
        return _standing(turn, known[0])
    return _list(known)


def typed_code(turn: Turn) -> Outcome:
    """A dossier's code was typed."""
    return asked_for(turn, turn.meaning.entity("dossier_code") or "")


def asked_for(turn: Turn, code: str) -> Outcome:
    """A whole code, typed or said to be the one on the photo."""
    standing = dossiers.get_with_proof(turn.session, _chat(turn), code)
    if standing is None:
        return _how_to_prove(turn, "status/ask_proof")
    return _standing(turn, standing)


def typed_badly(turn: Turn) -> Outcome | None:
    """A code with a slip in it: say which part is wrong, keep the rest."""
    slip = near_code(turn.incoming.text)
    if slip is None:
        return None
    outcome = _how_to_prove(turn, "status/bad_code")
    context = outcome.context | {"typed": slip.typed, "problem": slip.problem}
    if slip.problem == "procedure":
        buttons, behavior = help_menu.ways_on(), Behavior.CLARIFY
        return replace(outcome, context=context, buttons=buttons, behavior=behavior)
    return replace(outcome, context=context)


def typed_tail(turn: Turn) -> Outcome:
    """Only the last digits were typed: they name no dossier for certain, so nothing is guessed."""
    tail = turn.meaning.entity("dossier_tail") or ""
    known = [s for s in dossiers.known(turn.session, _chat(turn)) if s.code.endswith(tail)]
    if len(known) == 1:
        return _standing(turn, known[0])
    return _how_to_prove(turn, "status/need_whole_code")


def open_link(turn: Turn) -> Outcome:
    """The receipt's QR code opened this chat."""
    opened = proofs.open_by_token(turn.session, turn.incoming.start, _chat(turn), now=turn.now)
    if opened is None:
        return _how_to_prove(turn, "status/dead_link")
    return _standing(turn, opened)


def open_contact(turn: Turn) -> Outcome:
    """The citizen shared a telephone number; only their own proves anything."""
    contact = turn.incoming.contact
    if contact is None or not contact.is_own:
        return _how_to_prove(turn, "status/not_own_contact")
    opened = proofs.open_by_contact(
        turn.session, contact.phone, _chat(turn), turn.state.dossier or None, now=turn.now
    )
    if not opened:
        return _how_to_prove(turn, "status/contact_opens_nothing")
    return _standing(turn, opened[0]) if len(opened) == 1 else _list(opened)


def follow(turn: Turn, _: str) -> Outcome:
    """Tell this chat when the dossier moves."""
    return _change_following(turn, follows=True)


def unfollow(turn: Turn, _: str) -> Outcome:
    """Tell it no more."""
    return _change_following(turn, follows=False)


def stop_all(turn: Turn) -> Outcome:
    """ "Đừng gửi tin nữa": no more pushes about any dossier."""
    for standing in dossiers.known(turn.session, _chat(turn)):
        dossiers.unfollow(turn.session, _chat(turn), standing.code, now=turn.now)
    reminders.unlink_chat(turn.session, _chat(turn))
    shut = (Button(label("actions", "close_dossier"), "shut"),) if turn.state.dossier else ()
    buttons = (*shut, *help_menu.ways_on())
    return Outcome(Behavior.TRACK, "status/unfollowed_all", buttons=buttons)


def close(turn: Turn, rest: str) -> Outcome:
    """Shut this chat, or another that has the dossier open, out of it: which, really, done.

    `rest` is the number of the place and, after a colon, the confirmation.
    """
    opened = dossiers.chats_of(turn.session, _chat(turn), turn.state.dossier)
    if not opened:
        return start(turn)
    number, _, said = rest.partition(":")
    chosen = next((place for place in opened if str(place.id) == number), None)
    if chosen is None and len(opened) == 1:
        chosen = opened[0]
    if chosen is None:
        return _places(turn, opened, replaces=bool(rest))
    return _closed(turn, chosen) if said == "yes" else _confirm(turn, chosen, replaces=bool(rest))


def keep(turn: Turn, _: str) -> Outcome:
    """Rather not."""
    context = {"code": turn.state.dossier}
    return Outcome(
        Behavior.TRACK, "status/kept", context, buttons=help_menu.ways_on(), replaces=True
    )


def _places(turn: Turn, opened: list[dossiers.OpenedBy], *, replaces: bool) -> Outcome:
    shown = opened[:MOST_LISTED]
    buttons = [Button(_place(n, place), f"shut:{place.id}") for n, place in enumerate(shown, 1)]
    context = {"code": turn.state.dossier, "places": [_described(place) for place in shown]}
    buttons.append(Button(label("actions", "keep"), "keep"))
    return Outcome(
        Behavior.TRACK, "status/places", context, buttons=tuple(buttons), replaces=replaces
    )


def _confirm(turn: Turn, place: dossiers.OpenedBy, *, replaces: bool) -> Outcome:
    buttons = (
        Button(label("actions", "yes_close"), f"shut:{place.id}:yes"),
        Button(label("actions", "keep"), "keep"),
    )
    context = {"code": turn.state.dossier, "place": _described(place)}
    return Outcome(
        Behavior.TRACK, "status/confirm_close", context, buttons=buttons, replaces=replaces
    )


def _closed(turn: Turn, place: dossiers.OpenedBy) -> Outcome:
    code = turn.state.dossier
    dossiers.revoke(turn.session, _chat(turn), code, place.id, now=turn.now)
    if place.is_this:
        turn.state.dossier = ""
    context = {"code": code, "place": _described(place)}
    return Outcome(
        Behavior.TRACK, "status/closed", context, buttons=help_menu.ways_on(), replaces=True
    )


def _described(place: dossiers.OpenedBy) -> dict[str, Any]:
    return {
        "where": group("places")[place.channel], "how": group("proofs")[place.via],
        "since": place.since, "is_this": place.is_this,
    }  # fmt: skip


def _place(number: int, place: dossiers.OpenedBy) -> str:
    if place.is_this:
        return f"{number}. {label('actions', 'close_dossier')}"
    return f"{number}. {group('places')[place.channel]}"


def _change_following(turn: Turn, *, follows: bool) -> Outcome:
    chat, code = _chat(turn), turn.state.dossier
    standing = dossiers.get_with_proof(turn.session, chat, code)
    if standing is None:
        return start(turn)
    change = dossiers.follow if follows else dossiers.unfollow
    change(turn.session, chat, code, now=turn.now)
    template = "status/followed" if follows else "status/unfollowed"
    return Outcome(Behavior.TRACK, template, {"code": code}, buttons=help_menu.ways_on())


def _pick(turn: Turn, number: str) -> Outcome:
    known = dossiers.known(turn.session, _chat(turn))
    at = int(number) if number.isdecimal() else 0
    return _standing(turn, known[at - 1]) if 1 <= at <= len(known) else start(turn)


def _standing(turn: Turn, standing: dossiers.Standing) -> Outcome:
    turn.state.dossier = standing.code
    action = "unfollow" if standing.is_followed else "follow"
    buttons = (
        Button(label("actions", action), action),
        Button(
            label("actions", "places" if standing.opened_elsewhere else "close_dossier"), "shut"
        ),
        Button(label("actions", "person"), "person"),
    )
    context = {"dossier": standing, "now": turn.now, "centre": help_menu.centre()}
    return Outcome(Behavior.TRACK, "status/standing", context, buttons=buttons)


def _list(known: list[dossiers.Standing]) -> Outcome:
    shown = known[:MOST_LISTED]
    buttons = tuple(
        Button(f"{n}. {standing.code}", f"d:{n}") for n, standing in enumerate(shown, 1)
    )
    context = {"dossiers": shown, "more": len(known) - len(shown)}
    return Outcome(Behavior.TRACK, "status/several", context, buttons=buttons)


def _how_to_prove(turn: Turn, template: str) -> Outcome:
    url = proofs.page_link(turn.session, _chat(turn), now=turn.now)
    buttons = [Button(label("actions", "open_dossier_page"), url=url)]
    on_telegram = turn.incoming.channel == "telegram"
    if on_telegram:
        buttons.append(Button(label("actions", "share_phone"), contact=True))
    context = {"url": url, "can_share_phone": on_telegram, "centre": help_menu.centre()}
    return Outcome(Behavior.TRACK, template, context, buttons=tuple(buttons))


def _chat(turn: Turn) -> dossiers.ChatRef:
    return dossiers.ChatRef(turn.incoming.channel, turn.incoming.chat)


intents: dict[str, Callable[[Turn], Outcome]] = {"track_dossier": start, "unsubscribe": stop_all}
buttons: dict[str, Callable[[Turn, str], Outcome]] = {
    "track": lambda turn, _: start(turn), "d": _pick, "code": asked_for,
    "follow": follow, "unfollow": unfollow, "shut": close, "keep": keep,
}  # fmt: skip
