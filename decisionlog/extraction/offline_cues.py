"""What people say around a decision, in English and Portuguese.

Each family gathers the phrases that do one job in a conversation, whatever the language. The
weights are learned from English meetings only, per family: that is how they carry over to
Portuguese. Patterns see `fold(text)`: lower case, straight apostrophes, no fillers.
"""

import re

_FILLERS = re.compile(
    r"\b(?:u+h+m*|u+m+|e+r+m*|a+h+|m+-?hm+|h+m+|you know|i mean|sort of|kind of|hum+|pronto|pá"
    r"|quer dizer)\b[,.]?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")

_PATTERNS: dict[str, tuple[str, str]] = {
    # family: (English, Portuguese)
    "decided": (
        r"\b(?:we|i)(?:'ve| have|'re| are)? (?:now |then |all |just |already |also )?"
        r"(?:decided|agreed|settled|approved|confirmed)\b|\b(?:it|that)(?:'s| is| was) "
        r"(?:now |then |all |already |been )?(?:decided|agreed|settled|approved|confirmed)\b|"
        r"\b(?:decided|agreed) (?:to|on|that|against|not)\b|\bdecision is\b|\bagreed[?.,!:]|"
        r"^agreed\b|\bmade up our minds?\b|\bdone deal\b|\bfor the record\b|\bsigned off\b|"
        r"\bsettles? (?:it|on|for)\b",
        r"\b(?:decidimos|decidiu-se|(?:fica|ficou|está|estava|foi) (?:então |assim |já |"
        r"tudo )?(?:decidid|acordad|assent|aprovad|definid|combinad|fechad|confirmad|"
        r"resolvid)\w*)\b|\b(?:acordámos|acordamos|assentámos|aprovámos|concordámos|definimos|"
        r"chegámos a acordo)\b|\bdecisão é\b|^(?:combinado|fechado|aprovado|decidido)\b|"
        r"\b(?:combinado|fechado|aprovado|decidido|acordado)[?.,!:]|\bfica em ata\b",
    ),
    "deciding": (
        r"\bdecisions?\b|\bdecid(?:e|ing)\b|\bfinal(?:ly|ise|ize|ised|ized)?\b|"
        r"\b(?:is|are|been|be) (?:fixed|set)\b",
        r"\bdecis(?:ão|ões)\b|\bdecidir\b|\bfina(?:l|is|lizar)\b|\bdefinir\b",
    ),
    "choose": (
        r"\b(?:go(?:ing|ne)?|goes|went) (?:for|with|ahead)\b|\b(?:stick|stay|"
        r"start)(?:ing)? (?:with|to)\b|\bsettle for\b|\bopt(?:ed|ing)? (?:for|to)\b|\b(?:we|"
        r"i)(?:'ll| will|'d)? (?:choose|chose|pick|take|prefer)\b|\blet's (?:use|have|keep|"
        r"make|take|do|say|put|leave|drop|move|add|go|get|try|fix)\b|\bmove(?:s|d)? to\b|"
        r"\bswitch(?:ing)? to\b|\breplace[sd]?\b|\bkeep(?:ing)? (?:the|it|to|that)\b",
        r"\b(?:vamos|vou|avançamos|ficamos|seguimos|continuamos|avança-se|fica-se) (?:então |"
        r"mesmo |antes |só )?(?:com|pel[oa]s?|por|para|em|avançar|optar|ficar|usar|manter|"
        r"fazer|pôr|escolher|adotar|adoptar|seguir|deixar|tirar|passar|eliminar)\b|"
        r"\b(?:optamos|optámos|escolhemos|escolhe-se|opta-se|mantemos|mantém-se|adotamos|"
        r"adoptamos|passamos|passa a ser|trocamos|usamos|fazemos|deixamos)\b|\bavan(?:ce|cem|"
        r"ça|çar) com\b|\bfica com\b|\bficam? (?:só )?com\b|\bpassam? (?:a|para)\b|"
        r"\bficam? (?:em|do lado|para)\b",
    ),
    "will": (
        r"\b(?:we|it|they|there|that|this)(?:'ll| will| shall)\b|\bgonna\b|\bgoing to\b|"
        r"\b(?:we|it)(?:'re| are|'s| is) (?:using|making|having|doing|keeping|putting|"
        r"building)\b|\bwill (?:be|have|go|use|get|stay|run|come)\b",
        r"\b(?:vamos|vai|vão|irá|iremos|será|serão|terá|terão|teremos|ficará|ficarão)\b",
    ),
    "must": (
        r"\b(?:should|must|ought to|supposed to|has to|have to|(?:we|it) needs? to|need(?:s|"
        r"ed)?|require(?:d|s|ments?)?)\b",
        r"\b(?:deve(?:m|mos|ria|ríamos)?|tem de|têm de|temos de|tem que|temos que|é preciso|"
        r"precisa(?:mos)?|obrigatóri[oa]|requisitos?|exig\w+)\b",
    ),
    "limit": (
        r"\b(?:only|maximum|minimum|at most|at least|no more than|less than|up to|within|"
        r"not exceed|limit(?:ed)?|all (?:the|of))\b",
        r"\b(?:apenas|só|somente|máxim[oa]|mínim[oa]|no máximo|pelo menos|até|menos de|"
        r"não (?:pode )?(?:excede|ultrapassa)\w*|limite)\b",
    ),
    "rule_out": (
        r"\b(?:no need|don't need|doesn't need|not need(?:ed)?|"
        r"(?:we|it|they|that|there) do(?:es)?n't (?:have|want|use|"
        r"include)|won't|will not|not going to|not gonna|no longer|forget (?:about|it|the)|"
        r"drop(?:ping|ped)?|without|rule[sd]? out|skip|leave (?:it |that |this )?out|"
        r"get rid of|instead|rather than|nothing to do with|out of|not (?:use|have|include|"
        r"work|feasible|possible)|too (?:expensive|complex|complicated|difficult|much))\b",
        r"\b(?:não (?:é preciso|precisa|precisamos|há|vai|vamos|fazemos|usamos|queremos|"
        r"levamos|se faz|se usa)|sem|desist\w+|abandon\w+|descart\w+|exclu[íi]\w*|"
        r"deixa(?:mos)? de|esquece\w*|em vez de|ao invés|tira(?:mos|-se)?|elimina(?:mos|-se)?|"
        r"fica de fora|deixa de haver|demasiado (?:caro|complexo))\b",
    ),
    "propose": (
        r"\b(?:maybe|perhaps|could|might|would|how about|what about|what if|why don't|"
        r"suggest\w*|propos\w+|idea|possib\w+|option|think)\b",
        r"\b(?:talvez|pod(?:ia|íamos|eria|eríamos)|e se|que tal|porque não|sug(?:iro|ere|eria|"
        r"estão)|propo(?:nho|sta|r|mos)|ideia|hipótese|poss[íi]ve\w+|opç(?:ão|ões)|ach(?:o|as|"
        r"amos|ava)|se calhar)\b",
    ),
    "opinion": (
        r"\bi (?:think|guess|suppose|reckon|would say|believe|like|prefer|agree|feel)\b|"
        r"\bi'd (?:say|go|like|rather)\b|\bmy (?:opinion|view)\b",
        r"\b(?:acho|parece-me|creio|penso|diria|prefiro|concordo|gosto|na minha opinião|"
        r"por mim)\b",
    ),
    "conclude": (
        r"^(?:(?:okay|ok|right|alright|all right|yeah|well|and|now|good)[,. ]+)*(?:so|then|"
        r"in that case|therefore)\b|\bso (?:we|it|that|the|basically|just)\b|\bin that case\b|"
        r"\bthen we\b|\bso that's\b",
        r"^(?:(?:ok|certo|bom|bem|pronto|sim|e|muito bem)[,. ]+)*(?:então|portanto|logo|"
        r"nesse caso|assim|sendo assim)\b|\b(?:então|portanto)\b|\bnesse caso\b",
    ),
    "acknowledge_start": (
        r"^(?:okay|ok|right|alright|all right|yeah|yes|yep|sure|fine|good|great|perfect|"
        r"exactly)\b",
        r"^(?:ok|certo|está bem|tá bem|sim|claro|perfeito|exato|exatamente|ótimo|boa|"
        r"muito bem|de acordo)\b",
    ),
    "agree": (
        r"\b(?:agree[sd]?|sounds good|sounds great|fair enough|good idea|great idea|"
        r"no problem|fine by me|happy with|works for me|that's (?:good|fine|great|true|right|"
        r"nice|cool|okay)|i like (?:that|it)|definitely|absolutely|of course|sure|perfect|"
        r"exactly|makes sense|everybody (?:agrees?|happy)|everyone(?:'s)? (?:happy|agrees?)|"
        r"is that (?:okay|ok|alright|all right))\b",
        r"\b(?:concordo|concordamos|de acordo|parece-me bem|por mim (?:tudo bem|sim|pode ser|"
        r"está bem)|boa ideia|pode ser|faz sentido|sem problema|claro|perfeito|exat(?:o|"
        r"amente)|com certeza|todos de acordo|ninguém se opõe|está bem|tudo bem|apoio|"
        r"subscrevo)\b",
    ),
    "disagree": (
        r"\b(?:but|disagree|not sure|however|although|don't (?:like|think|agree|know|see)|"
        r"problem|difficult|no,|depends|doubt|worried)\b",
        r"\b(?:mas|discordo|não (?:sei|acho|concordo|gosto|me parece|tenho a certeza)|porém|"
        r"contudo|embora|problema|difícil|depende|dúvida|duvido)\b",
    ),
    "later": (
        r"\b(?:later|next (?:meeting|time|week)|next stage|come back to|think about|look into|"
        r"find out|check|discuss|talk about|see (?:if|whether|what)|tbd|for now|"
        r"for the moment|not yet|until)\b",
        r"\b(?:mais tarde|depois (?:vemos|logo se vê|decidimos)|próxima (?:reunião|semana)|"
        r"pensar|ver(?:ificar)? se|estudar|analisar|discutir|falar|por agora|para já|"
        r"por enquanto|ainda não|logo se vê|em aberto|fica por decidir)\b",
    ),
    "task": (
        r"\b(?:i'll|i will|you'll|you will|you (?:can|could|should|have to)|i (?:can|have to|"
        r"need to|must)|could you|can you|please|send|email|e-mail)\b",
        r"\b(?:eu (?:vou|trato|envio|faço)|trato|envio|mando|enviar|tu (?:vais|podes|fazes)|"
        r"podes|consegues|por favor|fica(?:s)? de)\b",
    ),
    "recap": (
        r"\b(?:last (?:meeting|time|week)|previous(?:ly)?|minutes (?:from|of)|earlier|"
        r"we (?:said|discussed|talked|had|were)|before|already|the requirements|"
        r"we (?:have )?decided|been told|new (?:project )?requirements?)\b",
        r"\b(?:última (?:reunião|vez|semana)|reunião (?:anterior|passada)|anterior(?:mente)?|"
        r"ata da|dissemos|falámos|tínhamos|já (?:tinha|foi|está)|os requisitos|disseram-nos|"
        r"novos? requisitos?)\b",
    ),
    "summary": (
        r"\b(?:sum up|summar\w+|recap|to conclude|in conclusion|conclusion|overview|basically|"
        r"all in all|go over|write (?:that|it|this)? ?down|put (?:that|it) down|written down|"
        r"wrap up|so we have|we have (?:a|the|our)|so far)\b",
        r"\b(?:resum\w+|recapitul\w+|para concluir|conclusão|em suma|basicamente|no fundo|"
        r"escrev\w+|aponta\w*|anota\w*|regista\w*|para fechar|então temos)\b",
    ),
    "agenda": (
        r"\b(?:agenda|meeting|minutes|presentation|slide|slides|questionnaire|half an hour|"
        r"lunch|break|file|folder|laptop|computer|screen saver|pen|whiteboard|powerpoint|"
        r"website|mouse|click|five minutes|next up|hello|hi|welcome|thank(?:s| you)|bye)\b",
        r"\b(?:agenda|ordem de trabalhos|reunião|minutos|apresentaç\w+|diapositivos?|pausa|"
        r"almoço|ficheiro|pasta|computador|olá|bom dia|boa tarde|bem-vindos?|obrigad[oa]s?|"
        r"até logo|adeus)\b",
    ),
    "reason": (
        r"\b(?:because|'?cause|since|so that|therefore|due to|otherwise|that's why|"
        r"in order to|means)\b",
        r"\b(?:porque|pois|já que|uma vez que|visto que|para que|por causa|devido|senão|"
        r"caso contrário|por isso|de modo a)\b",
    ),
    "together": (
        r"\b(?:we|our|us|let's)\b",
        r"\b(?:nós|nosso|nossa|nossos|nossas|\w+(?:amos|emos|imos|ámos))\b",
    ),
    "myself": (
        r"\b(?:i|i'm|my|me)\b",
        r"\b(?:eu|meu|minha|me|mim)\b",
    ),
    "yourself": (
        r"\b(?:you|you're|your)\b",
        r"\b(?:tu|você|vocês|teu|tua|seu|sua)\b",
    ),
    "negation": (
        r"\b(?:not?|none|never|nothing)\b|n't\b",
        r"\b(?:não|nem|nunca|nada|nenhum\w*)\b",
    ),
    "joined": (
        r"\b(?:and|also|as well|both|plus)\b",
        r"\b(?:e também|além disso|ambos|mais o|mais a|também)\b",
    ),
    "past": (
        r"\b(?:was|were|had|did|said|found|showed|looked|thought|used to)\b",
        r"\b(?:era|eram|estava|estavam|foi|foram|tinha|disse|encontr(?:ei|ámos)|mostrou|vimos|"
        r"costumava)\b",
    ),
    "conditional": (
        r"\b(?:if|when|unless|in case|depend\w*)\b",
        r"\b(?:se|quando|a não ser que|caso)\b",
    ),
    "number": (
        r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|"
        r"forty|fifty|hundred|thousand|million|percent|half|double)\b",
        r"\b(?:dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|doze|quinze|vinte|trinta|"
        r"quarenta|cinquenta|cem|cento|mil|milh\w+|por cento|metade|dobro)\b",
    ),
    "question": (
        r"\?",
        r"\?",
    ),
    "process": (
        r"\b(?:evaluat\w+|criteri\w+|rat(?:e|ed|ing|ings)|scale|score|teamwork|"
        r"leader(?:ship)?|creativ\w+|process|group|team|individual|report|communicat\w+|"
        r"training|exercise|experience)\b",
        r"\b(?:avalia\w+|critérios?|classifica\w+|pontua\w+|escala de|trabalho de equipa|"
        r"liderança|criativ\w+|processo|grupo|equipa|relatórios?|comunica\w+|formação|"
        r"exercício|experiência)\b",
    ),
}

FAMILIES: dict[str, re.Pattern] = {
    name: re.compile(f"{english}|{portuguese}") for name, (english, portuguese) in _PATTERNS.items()
}


def fold(text: str) -> str:
    """Lower case with straight apostrophes and without fillers, for the patterns to look at."""
    text = _FILLERS.sub(" ", text.replace("’", "'"))
    return _SPACES.sub(" ", text).strip(" ,").lower()


def families(folded: str) -> frozenset[str]:
    """The families that a folded text speaks of."""
    return frozenset(name for name, pattern in FAMILIES.items() if pattern.search(folded))
