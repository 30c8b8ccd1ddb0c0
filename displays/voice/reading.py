"""How a call is said: digits one by one and letters by their names, as Chinese speakers read a number aloud.

A0012 is A零零一二 (or A零零幺二), 综合受理窗口A01 is 综合受理窗口A零一. Only Chinese characters, digits and letters are
ever spoken: whatever else a name holds is a pause, so no engine takes part of a name for an order.
"""

from __future__ import annotations

import unicodedata

from hall.wording import inert, say

NAME_MAX = 30  # characters of a window's name that are spoken; more is nobody's name
NUMBER_MAX = 12
PAUSE = "，"


def sentence(number: str, window: str, one: str, times: int = 1) -> str:
    """The call as it is said; `one` is "yi" or "yao"."""
    said = say("voice.call", number=spoken(number[:NUMBER_MAX], one), window=spoken(window[:NAME_MAX], one))
    return "。".join([said] * times) + "。"


def spoken(text: str, one: str) -> str:
    """A number or a name as it is read aloud."""
    digits = say("voice.digits")
    if one == "yao":
        digits = digits[0] + say("voice.one_yao") + digits[2:]
    said = "".join(_sign(sign, digits) for sign in unicodedata.normalize("NFKC", inert(text)))
    pauses = [part.strip() for part in said.split(PAUSE) if part.strip()]
    return PAUSE.join(" ".join(part.split()) for part in pauses)


def _sign(sign: str, digits: str) -> str:
    if sign.isascii() and sign.isdigit():
        return digits[int(sign)]
    if sign.isascii() and sign.isalpha():
        return f" {sign.upper()} "  # apart, or an engine reads AS as a word
    return sign if "\u3400" <= sign <= "\u9fff" else PAUSE
