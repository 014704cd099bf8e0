"""What of a cloud's wire may be shown to others: structure, types, words, numbers and times; the rest is replaced.

A value is kept only where its key and its shape both say that it is harmless; whatever is replaced is replaced by a
keyed hash, so that the same value reads the same wherever it stands, and nobody without the key can find out which it
was. Values that are known to be secret are looked for in every spelling, wherever they stand.
"""

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterable
from enum import Enum, auto
from functools import cache, lru_cache
from html import escape, unescape
from ipaddress import ip_interface
from typing import Any
from urllib.parse import quote, unquote


class Kind(Enum):
    """What a key says about its value."""

    SECRET = auto()
    PERSON = auto()
    PLACE = auto()
    WORD = auto()
    CODE = auto()
    LABEL = auto()
    ID = auto()
    NAME = auto()
    TIME = auto()
    OTHER = auto()


NEVER_KEPT = frozenset({Kind.SECRET, Kind.PERSON, Kind.PLACE})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SECRETS = _words(
    "secret secrets password passwd pwd token signature nonce authorization credential credentials cert certificate"
    " cookie md5 checksum fingerprint ssh authfailed private_key access_key"
)
PERSONS = _words(
    "account accounts uin uid owner user users creator appid arn principal caller contact phone mobile tel email mail"
    " operator message msg recommend host hostname"
)
PLACES = _words(
    "domain domains dns endpoint endpoints url urls uri connection ip ips ipv4 ipv6 vip cidr address addresses addr mac"
    " acl whitelist blacklist proxy"
)
WORDS = _words(
    "status state states type types class category mode method version engine flag kind level product service charge"
    " spec protocol edition architecture period unit policy strategy action series license family format architect"
    " reason zone zones region regions purpose"
)
GROUPS = _words("list set info")
"""Last words of keys that say nothing."""

LABELS = _words("os local region zone engine platform")
NAMES = _words("name names description desc remark note comment alias key keys value values tag tags label title")
TIMES = _words("time times date at deadline expire expired expiration created create updated timestamp point end start")
CODES = _words("code codes error errorcode")
IDS = _words("id ids uid uids")
SPARED = _words("vpc subnet")
"""What Tencent Cloud calls the uid of a thing, not of a person."""

PREFIXES = _words(
    "i vpc vsw eip eipsg d rm r dds s s-i es-cn alikafka_pre-cn alikafka_post-cn alikafka_pre alikafka_post"
    " alikafka_serverless-cn alikafka_confluent-cn rg rg-acfm sg lb vtb vrt pc m ins disk cdb cdbro cdbrg crs cmgo"
    " ckafka es subnet rtb snap vol eni ami eipalloc eipassoc img lhins asp bwp cbwp pgm rr rn gr dopt ngw acl"
    " skey cdbap"
)
SIZES = _words(
    "large small medium mid micro nano tiny mini xlarge search elasticsearch new default basic standard metal"
    " serverless ce ee xc enterprise professional"
)
PATH_WORDS = _words("openapi instances regions opensearch domain domain-info tags")
"""What APIs call things in their paths; any other word may be a name."""
VENDOR_TAG = re.compile(r"(acs|aliyun|aws|qcloud|tencentcloud)(:[A-Za-z_-]{1,30}){1,3}")

TIME = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:?\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?"
    r"|\d\d:\d\d(:\d\d)?Z?(-\d\d:\d\d(:\d\d)?Z?)?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
SMALL = re.compile(r"-?\d{1,8}(\.\d{1,6})?")
TRUTH = _words("true false True False TRUE FALSE null None yes no on off")
UNNAMED = _words("item member")
"""Elements of XML that say nothing of what is in them; what holds them does."""

BARE_TRUTH = _words("true false")
"""As XML has it, which has texts only."""

SECONDS = range(1_420_000_000, 2_000_000_000)
MILLISECONDS = range(1_420_000_000_000, 5_000_000_000_000)
"""Since 1970. No account id and no telephone number has that length and beginning."""

LOOKS_PRIVATE = re.compile(
    r"@|://|%[0-9A-Fa-f]{2}|\barn:|(?<!\d)\d{1,3}(\.\d{1,3}){3}(?!\d)|[0-9A-Fa-f]*:[0-9A-Fa-f]*:|\d{9,}|[=\\]"
    r"|(?<![\d-])\+?\d{1,4}([ ()-]{1,2}\d{2,4}){2,4}(?![\d-])|\+\d[\d ()-]{7,}"
    r"|(?<![A-Za-z0-9])(LTAI|AKID|AKIA|ASIA|IKID|STS\.)[A-Za-z0-9]{8,}"
)
NAMED_HOST = re.compile(r"[A-Za-z]\.[A-Za-z]")
SIZED = re.compile(r"\d*[A-Za-z]*\d+[A-Za-z]*")
TOKEN = re.compile(r"[A-Za-z0-9+/]+")
HUMP = re.compile(r"[A-Z][a-z]*|[a-z]+|\d+")
KEY_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
KEPT_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
KEPT_WORD = re.compile(r"[A-Za-z0-9_.()\-, +/]{1,64}")
PLAIN = re.compile(r"[A-Za-z]+\d{0,2}[A-Za-z]{0,3}")
DEEPEST = 100

remembered = lru_cache(maxsize=4096)
"""Replies say the same things over and over."""


@cache
def kind_of(key: str) -> Kind:
    """What a key says about its value; the first of these that holds."""
    words = [word.lower() for word in KEY_WORD.findall(key)]
    known, joined = frozenset(words), "_".join(words)
    last = next((word for word in reversed(words) if not word.isdigit() and word not in GROUPS), "")
    persons = PERSONS - {"uid"} if known & SPARED else PERSONS
    says = {
        Kind.SECRET: known & SECRETS or "access_key" in joined or "private_key" in joined,
        Kind.LABEL: {"os", "name"} <= known or (last == "name" and known & LABELS),
        Kind.CODE: last in CODES,
        Kind.WORD: last in WORDS or (last in IDS and known & {"zone", "region"}) or "spec" in known,
        Kind.PERSON: known & persons or "app_id" in joined,
        Kind.ID: last in IDS,
        Kind.NAME: last in NAMES and (last in {"name", "names"} or not known & PLACES),
        Kind.PLACE: known & PLACES or "end_point" in joined,
        Kind.TIME: known & TIMES,
    }
    return next((kind for kind, holds in says.items() if holds), Kind.OTHER)


def spellings(secret: str) -> Iterable[str]:
    """A secret as it stands, in hex, quoted for URLs, and in base64 at each of its three places."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield from (secret, raw.hex(), raw.hex().upper(), quote(raw, safe=""), json.dumps(secret)[1:-1])
    for start in range(3):
        whole = base64.b64encode(b"\0" * start + raw).decode()
        inner = whole[4 if start else 0 : len(whole) - 4]
        if len(inner) >= 8:
            yield from (inner, inner.replace("+", "-").replace("/", "_"))


class Redactor:
    """Replaces what must not be shown; the same value always by the same text.

    Args:
        salt: Key of the hash; whoever has it can try values out.
        hash_names: Replace ids and names of resources as well.
    """

    def __init__(self, salt: bytes, *, hash_names: bool = False) -> None:
        self.salt = salt
        self.hash_names = hash_names
        self.secrets: set[str] = set()
        self.spelled: re.Pattern[str] | None = None
        self.keys: dict[str, str] = {}

    def learn(self, *secrets: str) -> None:
        """Look for these values from now on, wherever they stand and however they are spelled."""
        new = {secret for secret in secrets if len(secret) >= 6} - self.secrets
        if new:
            self.secrets |= new
            found = {spelled for secret in self.secrets for spelled in spellings(secret)}
            self.spelled = re.compile("|".join(map(re.escape, sorted(found))))
            self.keys.clear()

    # What is replaced, and by what.

    def digest(self, value: str) -> str:
        """The keyed hash of a value, in hex."""
        return hmac.digest(self.salt, value.encode("utf-8", "surrogatepass"), "sha256").hex()

    def replaced(self, value: str) -> str:
        """What stands for a text: a number for a number, an address for an address, else a hash."""
        if value.isascii() and value.isdecimal() and len(value) < 40:
            return str(self.replaced_number(int(value)))
        try:
            ip_interface(value)
        except ValueError:
            return f"redacted-{self.digest(value)[:12]}"
        number = int(self.digest(value)[:8], 16)
        address, slash, length = value.partition("/")
        if ":" in address:
            return f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}{slash}{length}"
        return f"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}{slash}{length}"

    def replaced_id(self, value: str) -> str:
        """What stands for an id: its kind's prefix stays."""
        prefix = id_prefix(value)
        return f"{prefix}-{self.digest(value)[:12]}" if prefix else self.replaced(value)

    def replaced_number(self, value: int) -> int:
        """A number of as many digits."""
        digits = len(str(abs(value)))
        least = 10 ** (digits - 1)
        made: int = least + int(self.digest(str(value)), 16) % least
        made += made == abs(value)
        return -made if value < 0 else made

    # Values.

    def value(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """A value of JSON, with all in it.

        Raises:
            RecursionError: It is nested too deeply.
        """
        if depth > DEEPEST:
            raise RecursionError("nested too deeply")
        if isinstance(value, dict):
            return {self.key(name): self.value(inner, name, depth + 1) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, key, depth + 1) for inner in value]
        if isinstance(value, str):
            return self.text(value, key, depth)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(value, key)
        return value

    def key(self, name: str) -> str:
        """A key: the cloud's own, unless it looks like data."""
        if name not in self.keys:
            self.keys[name] = name if key_like(name) and not self._secret(name) else self.replaced(name)
        return self.keys[name]

    def number(self, value: Any, key: str) -> Any:
        """A number; large ones are kept only as times."""
        kind, size = kind_of(key), abs(value)
        if isinstance(value, float):
            return value if len(repr(value)) <= 12 and size < 10**8 else round(value % 1000, 3)
        small = size < (10**6 if kind in NEVER_KEPT else 10**8)
        kept = small or (kind is Kind.TIME and _moment(value))
        return value if kept and not self._secret(str(value)) else self.replaced_number(value)

    def text(self, value: str, key: str, depth: int = 0) -> str:
        """A text, by what its key and its shape say."""
        kind = kind_of(key)
        if self._secret(value):
            return self.replaced(value)
        if not value.strip():
            return value[:8]
        if value[0] in "[{" and (inner := _json(value)) is not None:
            return json.dumps(self.value(inner, key, depth + 1))
        number = value.isascii() and value.isdecimal()
        if kind in NEVER_KEPT:
            says_little = value in BARE_TRUTH or (number and len(value) <= 5)  # a port
            kept = says_little and kind is not Kind.SECRET
            return value if kept else self._parts(value, self.replaced)
        if harmless(value) or (kind is Kind.TIME and number and _moment(int(value[:20]))):
            return value
        return self.replaced(value) if number else self._by_kind(value, kind)

    def _by_kind(self, value: str, kind: Kind) -> str:
        if kind in {Kind.NAME, Kind.LABEL} and VENDOR_TAG.fullmatch(value):
            return value
        if kind is Kind.ID or (kind in {Kind.NAME, Kind.OTHER} and id_prefix(value)):
            return self._parts(value, self._id)
        if kind is Kind.NAME and not telling(value):
            return f"name-{self.digest(value)[:10]}" if self.hash_names else value
        kept = {Kind.WORD: word_like, Kind.CODE: code_like, Kind.LABEL: label_like}.get(kind, plain_words)(value)
        return value if kept else self.replaced(value)

    def _id(self, value: str) -> str:
        if plain_words(value) and "-" not in value and not self.hash_names:
            return value
        keep = id_prefix(value) and not self.hash_names and not private(value) and value.isascii()
        return value if keep else self.replaced_id(value)

    def _parts(self, value: str, replace: Callable[[str], str]) -> str:
        """Several values in one text, each by itself."""
        return "".join(part if part in ",;" else replace(part) for part in re.split(r"([,;])", value) if part)

    def _secret(self, value: str) -> bool:
        return bool(self.spelled and self.spelled.search(value))

    def _scrubbed(self, text: str) -> str:
        """A text without what is known to be secret, should it have been taken apart in the middle of one."""
        return self.spelled.sub("redacted", text) if self.spelled else text

    # What is not JSON.

    def path(self, path: str) -> str:
        """A path: the API's own words stay, ids in it are ids."""
        parts = [unquote(part) for part in path.split("/")]
        return self._scrubbed("/".join(quote(self._segment(part), safe="") for part in parts))

    def _segment(self, part: str) -> str:
        plain = TIME.fullmatch(part) or (part in PATH_WORDS if self.hash_names else plain_words(part))
        return part if plain and not self._secret(part) else self.text(part, "Id") if part else ""

    def xml(self, text: str) -> str:
        """XML: elements stay, without attributes; each text by the element that it stands in."""
        found, stack = [], [""]
        for piece in re.split(r"(<[^<>]*>)", text):
            tag = re.fullmatch(r"<(/?)([A-Za-z][\w.-]*)[^<>]*?(/?)>", piece)
            if tag:
                name = self.key(tag[2])
                found.append(f"<{tag[1]}{name}{tag[3]}>")
                if tag[1] and len(stack) > 1:
                    stack.pop()
                elif not tag[1] and not tag[3]:
                    stack.append(stack[-1] if tag[2] in UNNAMED or _state(stack[-1], tag[2]) else tag[2])
            elif not piece.startswith("<"):
                found.append(escape(self.text(unescape(piece), stack[-1]), quote=False))
        return self._scrubbed("".join(found))


# Shapes.


@remembered
def harmless(value: str) -> bool:
    """A time, a small number, or a word for true or false."""
    return bool(TIME.fullmatch(value) or SMALL.fullmatch(value) or value in TRUTH)


@remembered
def private(value: str) -> bool:
    """Whether it looks like an address, an e-mail, a URL, an ARN, an account's number, or something encoded."""
    return bool(LOOKS_PRIVATE.search(value))


@remembered
def label_like(value: str) -> bool:
    """The cloud's own name of something, in any language."""
    hidden = private(value) or NAMED_HOST.search(value) or any(map(opaque, _tokens(value)))
    return len(value) <= 80 and not hidden


@remembered
def telling(value: str) -> bool:
    """Whether a name holds what may say more than a name: an address, a host, a telephone number, a key."""
    return sum(char.isdigit() for char in value) >= 7 or not label_like(value)


@remembered
def opaque(token: str, humps: re.Pattern[str] = HUMP) -> bool:
    """Whether a run of letters and digits was made by chance: a key, a hash, something encoded."""
    digits = sum(char.isdigit() for char in token)
    if len(token) > 40 or digits >= 9 or (len(token) >= 12 and digits >= 2 and digits < len(token)):
        return True
    mixed = not (token.islower() or token.isupper() or token.isdigit())
    if len(token) < 8 or not mixed:
        return False
    ordinary = 3.0 if len(token) >= 24 else 2.2
    return len(token) / max(1, len(humps.findall(token))) < ordinary or (len(token) >= 10 and _encoded(token))


def _encoded(token: str) -> bool:
    """Whether base64 makes readable text of it, which hardly happens to words."""
    try:
        found = base64.b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return False
    return found.isascii() and found.decode().isprintable()


@remembered
def id_prefix(value: str) -> str:
    """The prefix that tells an id's kind, if the clouds have such a one."""
    if not re.fullmatch(r"[a-z_]+(-[A-Za-z0-9_]+){1,4}", value):
        return ""
    pieces = value.split("-")
    return next((head for cut in (2, 1) if (head := "-".join(pieces[:cut])) in PREFIXES and len(pieces) > cut), "")


@remembered
def plain_words(value: str) -> bool:
    """A few words, each of letters and hardly any digits."""
    words = re.split(r"[ _-]", value)
    return (
        value.isascii()
        and not private(value)
        and len(words) <= 4
        and all(PLAIN.fullmatch(word) and len(word) <= 24 and not opaque(word) for word in words)
    )


def key_like(name: str) -> bool:
    """A key of a cloud's own making."""
    dotted = "." in name and not _sizes(name) and not _capitals(name)
    made = any(opaque(token, KEY_WORD) for token in _tokens(name))
    return bool(KEPT_KEY.fullmatch(name)) and not dotted and not made and not private(name)


@remembered
def word_like(value: str) -> bool:
    """A cloud's own word for a state, a kind, a size, a zone or a version."""
    dotted = any(NAMED_HOST.search(part) and not _sizes(part) for part in re.split(r"[ ,+()/]", value))
    return (
        bool(KEPT_WORD.fullmatch(value)) and not private(value) and not dotted and not any(map(opaque, _tokens(value)))
    )


@remembered
def code_like(value: str) -> bool:
    """An error code: words joined by dots, each with a capital."""
    plain = (
        re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", value) and not private(value) and not any(map(opaque, _tokens(value)))
    )
    return bool(plain) and (not NAMED_HOST.search(value) or _capitals(value) or _sizes(value))


def _moment(value: float) -> bool:
    return value in SECONDS or value in MILLISECONDS


def _state(holder: str, tag: str) -> bool:
    """Whether a name is that of a state: EC2 has ``<instanceState><code>16</code><name>running</name>``."""
    return tag == "name" and holder.endswith("State")


def _capitals(value: str) -> bool:
    return all(part[:1].isupper() or part.isdigit() for part in value.split("."))


def _sizes(value: str) -> bool:
    last = value.rpartition(".")[2]
    return last in SIZES or bool(SIZED.fullmatch(last))


def _tokens(value: str) -> list[str]:
    return TOKEN.findall(value)


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
