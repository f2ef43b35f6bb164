"""What is kept of a reply: the words as people read them, and no license key."""

from __future__ import annotations

import base64
import hashlib
import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deliveries.threads import spoken
from bot.queries.said import plain
from bot.workflows.keys import CUT, without_keys


def a_key(seed: bytes) -> str:
    """Shaped like the real thing: JSON with a signature and the signed facts, in URL-safe base64 without padding."""
    blob = b"".join(hashlib.sha256(seed + bytes([n])).digest() for n in range(8))
    info = {"v": 1, "n": list(blob[:8]), "t": ["plan:enterprise-1"], "u": 200, "e": "2027-03-12T05:00:00Z"}
    body = {
        "sig": {"Format": "ssh-rsa", "Blob": base64.b64encode(blob).decode(), "Rest": None},
        "info": base64.b64encode(json.dumps(info).encode()).decode(),
    }
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")


def a_jwt(seed: bytes) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    head, claims = b'{"alg":"EdDSA","typ":"license+jwt"}', json.dumps({"sub": "001", "n": seed.hex()}).encode()
    return ".".join([part(head), part(claims), part(hashlib.sha512(seed).digest())])


def shreds(text: str) -> set[str]:
    """Every piece of twenty characters: none of a key may be left."""
    return {text[at : at + 20] for at in range(len(text) - 19)}


@given(st.binary(min_size=4, max_size=16), st.sampled_from([0, 64, 76]), st.sampled_from(["", "`", "```", '"']))
def test_no_piece_of_a_key_is_left_however_it_was_pasted(seed: bytes, width: int, quote: str) -> None:
    for key in (a_key(seed), a_jwt(seed)):
        pasted = "\n".join(textwrap.wrap(key, width)) if width else key
        kept = without_keys(f"Here it is: {quote}{pasted}{quote}\nCan you try it, please?")
        assert not shreds(key) & shreds(kept)
        assert kept.startswith("Here it is: ")
        assert kept.endswith("Can you try it, please?")
        assert CUT in kept


@given(st.binary(min_size=1, max_size=40))
def test_the_hash_of_a_key_opens_the_same_door(key: bytes) -> None:
    found = hashlib.sha256(key).hexdigest()
    assert without_keys(f"slk_{found} or {found}") == f"{CUT} or {CUT}"


def test_a_framed_file_is_cut_with_its_frame() -> None:
    file = f"-----BEGIN LICENSE FILE-----\n{a_key(b'x')}\n-----END LICENSE FILE-----"
    assert without_keys(f"see:\n{file}\nthanks") == f"see:\n{CUT}\nthanks"


@pytest.mark.parametrize(
    "text",
    [
        "Their VP asked me for a date today. Can we say one?",
        "See https://docs.google.com/document/d/1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG/edit#heading=h.1",
        "commit 5cb9752a5cb9752a5cb9752a5cb9752a5cb9752a broke it",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "/usr/local/share/applications/configuration/defaults/index",
        "--------------------------------------------------------------",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "👩‍👩‍👧 done 🎉 مرحبا",
    ],
)
def test_what_people_talk_of_stays(text: str) -> None:
    assert without_keys(text) == text


@given(st.text(max_size=300))
def test_cutting_twice_is_cutting_once(text: str) -> None:
    assert without_keys(without_keys(text)) == without_keys(text)


def test_a_reply_is_kept_as_people_read_it() -> None:
    names = {"U0DEV00000": "Dev Chandra"}
    said = "<@U0DEV00000> &amp; <@U0WHO> in <#C0RED|red-accounts>: <https://x.example/a|the ticket>, a &lt; b <!here>"
    read = "@Dev Chandra & @somebody in #red-accounts: the ticket (https://x.example/a), a < b @here"
    assert plain(said, names.get) == read
    assert plain("<https://x.example/a> <mailto:ana@x.example|ana@x.example>", names.get) == (
        "https://x.example/a ana@x.example"
    )
    assert plain("<http://x.example|x.example> <@U0WHO|dev>", names.get) == "http://x.example @dev"


@pytest.mark.parametrize(
    "message",
    [
        {"user": "U1", "ts": "1.0", "text": "no thread"},
        {"user": "U1", "ts": "1.0", "thread_ts": "1.0", "text": "its first message"},
        {"user": "U1", "bot_id": "B1", "ts": "2.0", "thread_ts": "1.0", "text": "a bot's"},
        {"user": "U1", "subtype": "channel_join", "ts": "2.0", "thread_ts": "1.0", "text": "Slack's"},
        {},
    ],
)
def test_only_what_a_person_says_in_a_thread_is_a_reply(message: dict[str, str]) -> None:
    assert spoken(message, "C1") is None


def test_a_file_with_words_and_a_reply_to_the_channel_too_are_replies() -> None:
    for subtype in ("file_share", "thread_broadcast"):
        message = {"user": "U1", "subtype": subtype, "ts": "2.0", "thread_ts": "1.0", "text": "look"}
        found = spoken(message, "C1")
        assert found
        assert (found.channel, found.thread_ts, found.ts, found.by, found.text) == ("C1", "1.0", "2.0", "U1", "look")
