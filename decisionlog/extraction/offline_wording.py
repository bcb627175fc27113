"""From a quoted turn to the wording of a decision: which sentence, its plain form, why, discipline.

Nothing is ever added: a statement holds only words of its quote, in their order.
"""

import re
from collections import Counter
from collections.abc import Iterable

from decisionlog.extraction.words import fold, is_number
from decisionlog.vocabulary import Discipline

_SENTENCE_END = re.compile(r"(?<=[.!?…])(?P<close>[\"'”’)]*)\s+(?=[\"'“‘(]*[^\W_])")
_SPACES = re.compile(r"\s+")
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_STUTTER = re.compile(rf"\b({_WORD}(?: {_WORD}){{0,3}})(?:,? \1\b)+", re.IGNORECASE)
_HANGING = re.compile(r"\s+([,.;:!?])")
_DOUBLED = re.compile(r"[,;:]+(?=\s*[,.;:!?])")
_ENGLISH = "the and we is that it for you this are of have with so what they"
_PORTUGUESE = "que não uma os em para com é por mas se isso das dos então está"

_FILLERS = {
    "en": r"u+h+m*|u+m+|e+r+m*|a+h+|m+-?hm+|h+m+|you know|i mean",
    "pt": r"h+u*m+|u+h+|a+h+|e+h+|pá|quer dizer|tipo assim",
}
_LEADS = {
    "en": r"okay|ok|right|alright|all right|yeah|yes|yep|well|so|and|but|then|now|good|great|"
    r"perfect|exactly|sure|in that case|i think|i guess|i mean|basically",
    "pt": r"ok|certo|bom|bem|pronto|sim|claro|então|portanto|e|mas|muito bem|está bem|perfeito|"
    r"exato|exatamente|nesse caso|sendo assim|eu acho que|acho que|ora",
}
_REASONS = {
    "en": re.compile(
        r"(?:\b(?:because|since|so that|in order to|as otherwise|otherwise)\b(?! of)|"
        r"(?<!\w)['’]cause\b|\b(?=because of\b|due to\b))(?P<why>[^.!?]{8,})",
        re.IGNORECASE,
    ),
    "pt": re.compile(
        r"(?:\b(?:porque|pois|já que|uma vez que|visto que|para que|senão|caso contrário|"
        r"de modo a)\b|\b(?=por causa d|devido a))(?P<why>[^.!?]{8,})",
        re.IGNORECASE,
    ),
}
_DISCIPLINES: dict[Discipline, str] = {
    Discipline.STRUCTURAL: r"structur\w+|beams?|columns?|slabs?|foundations?|footings?|piles?|"
    r"rebar|load-?bearing|shear|trusses|truss|retaining|seismic|"
    r"estrutura\w*|vigas?|pilar(?:es)?|lajes?|fundaç\w+|sapatas?|estacas|armadura|sísmic\w+",
    Discipline.ELECTRICAL: r"electric\w*|wiring|switchboards?|sockets?|luminaires?|lighting|"
    r"transformer|photovoltaic|solar panels?|generator|cabling|"
    r"el[eé]c?tric\w+|tomadas?|iluminação|luminárias?|quadro elétrico|fotovoltaic\w+|gerador",
    Discipline.PLUMBING: r"plumb\w+|drain\w*|sewer\w*|pipes?|pipework|toilets?|basins?|"
    r"hot water|rainwater|soil stack|"
    r"esgotos?|canaliza\w+|tub(?:agem|agens|os)|sanitári\w+|água quente|pluvia\w+|torneiras?",
    Discipline.MEP: r"hvac|ducts?|ductwork|ventilat\w+|heat pumps?|heating|cooling|air handling|"
    r"air conditioning|chillers?|boilers?|radiators?|mechanical|plant room|sprinklers?|"
    r"avac|condutas?|ventilaç\w+|bombas? de calor|aquecimento|arrefecimento|climatiza\w+|"
    r"ar condicionado|caldeiras?|radiador(?:es)?|mecânic\w+|casa das máquinas",
    Discipline.LANDSCAPE: r"landscap\w+|plant(?:ing|ers?)|trees?|lawns?|garden\w*|paving|hedges?|"
    r"irrigation|courtyards?|paisag\w+|árvores?|relvad\w+|jardi(?:m|ns)|rega|canteiros?",
    Discipline.INTERIOR: r"interiors?|furnitur\w+|carpets?|joinery|curtains?|worktops?|kitchens?|"
    r"wardrobes?|upholster\w+|skirtings?|floor finish(?:es)?|wallpaper|"
    r"interior(?:es)?|mobiliário|móveis|alcatifas?|carpintari\w+|cortinas?|bancadas?|cozinhas?|"
    r"roupeiros?|rodapés?|soalhos?",
    Discipline.ARCHITECTURE: r"fa[cç]ades?|cladding|windows?|roofs?|stairs?|staircases?|doors?|"
    r"floor plans?|layouts?|elevations?|brick\w*|glazing|atrium|lobby|corridors?|balcon\w+|"
    r"partition\w*|ceilings?|insulation|entrances?|ramps?|"
    r"fachadas?|revestimentos?|janelas?|cobertura|telhados?|escadas?|portas?|plantas?|alçados?|"
    r"tijolos?|envidraçad\w+|átrio|corredor(?:es)?|varandas?|divisórias?|tetos?|isolamento|"
    r"caixilh\w+|rampas?",
}
_DISCIPLINE = {
    name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in _DISCIPLINES.items()
}


def language(texts: Iterable[str]) -> str:
    """`pt` when Portuguese function words outnumber English ones, else `en`."""
    heard = Counter(word for text in texts for word in text.lower().split())
    english = sum(heard[word] for word in _ENGLISH.split())
    portuguese = sum(heard[word] for word in _PORTUGUESE.split())
    return "pt" if portuguese > english else "en"


def sentences(text: str) -> list[str]:
    """The sentences of a turn, each to the letter as it stands there."""
    parts, start = [], 0
    for border in _SENTENCE_END.finditer(text):
        parts.append(text[start : border.end("close")])
        start = border.end()
    return [part for part in [*parts, text[start:]] if part.strip()]


def plain(sentence: str, tongue: str) -> str:
    """The sentence without fillers, stutters and opening words, as one written sentence."""
    text = re.sub(rf"(?<!\w)(?:{_FILLERS[tongue]})(?!\w)", " ", sentence, flags=re.IGNORECASE)
    text = _tidy(text)
    text = _STUTTER.sub(_once, text)
    text = re.sub(rf"^(?:(?:{_LEADS[tongue]})\b[,.;:!? ]+)+", "", text, flags=re.IGNORECASE)
    text = _tidy(text).strip(" ,;:-–—")
    if not text:
        return _tidy(sentence)
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def _once(stutter: re.Match) -> str:
    """What was said twice, once; but "two two" may be 22."""
    return stutter[0] if any(is_number(fold(word)) for word in stutter[1].split()) else stutter[1]


def reason(texts: Iterable[str], tongue: str) -> str:
    """The first clause that gives a reason ("because …", "porque …"), or an empty text."""
    for text in texts:
        if found := _REASONS[tongue].search(text):
            return plain(found["why"], tongue)
    return ""


def discipline(texts: Iterable[str]) -> Discipline:
    """The discipline whose keywords occur most; the first text that has any decides."""
    for text in texts:
        counts = {name: len(pattern.findall(text)) for name, pattern in _DISCIPLINE.items()}
        best = max(counts, key=counts.__getitem__)
        if counts[best]:
            return best
    return Discipline.GENERAL


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", text).strip()
    return _DOUBLED.sub("", _HANGING.sub(r"\1", text)).strip()
