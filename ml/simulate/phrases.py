"""Portuguese phrases of reviews by mood, and the texts composed of them.

Stays out: which review gets which text.
"""

import itertools

from ml.simulate.geography import without_accents

POSITIVE, MIXED, NEGATIVE, OVERDUE = range(4)

_OPENINGS: tuple[tuple[str, ...], ...] = (
    ("Gostei muito", "Adorei a compra", "Produto excelente", "Muito bom", "Tudo perfeito", "Estou satisfeita",
     "Superou o que eu esperava", "Ótima qualidade", "Recomendo a loja", "Nota dez", "Comprei e amei",
     "Valeu cada centavo"),
    ("Produto razoável", "Esperava um pouco mais", "É bom, mas nem tanto", "Mais ou menos",
     "Serve para o uso", "A qualidade é média", "Nem bom nem ruim", "Podia ser melhor", "Atende ao básico",
     "Gostei em parte"),
    ("Péssima experiência", "Não gostei", "Produto com defeito", "Veio quebrado", "Estou decepcionado",
     "Não recomendo", "Qualidade horrível", "Veio o produto errado", "Faltou uma peça",
     "Dinheiro jogado fora", "Muito frágil", "Parou de funcionar no segundo dia"),
    ("Até agora nada", "O pedido atrasou muito", "Passou do prazo", "Demorou demais", "Entrega muito lenta",
     "Ainda estou esperando", "Atraso enorme", "O prazo não foi cumprido", "Semanas de espera",
     "A encomenda ficou parada"),
)  # fmt: skip

_MIDDLES: tuple[tuple[str, ...], ...] = (
    ("chegou antes do prazo", "veio bem embalado", "a entrega foi rápida", "igual à foto",
     "o acabamento é lindo", "funciona direitinho", "minha filha amou", "o tamanho é certo",
     "o vendedor foi atencioso", "o preço compensa", "o material é resistente"),
    ("a cor é diferente da foto", "a embalagem veio amassada", "o tamanho é menor que o esperado",
     "o manual é confuso", "a entrega foi no último dia", "o acabamento tem falhas pequenas",
     "o cheiro é fraco", "o preço é alto para o que é", "uma peça veio riscada"),
    ("o vendedor não responde", "quero meu dinheiro de volta", "a troca foi negada",
     "não liga de jeito nenhum", "o material é muito fino", "veio sem a nota fiscal",
     "é bem diferente do anúncio", "a caixa estava aberta",
     "a costura já soltou", "ninguém resolve o problema", "tive que reclamar várias vezes"),
    ("ninguém dá notícia", "o rastreio não muda", "perdi o aniversário do meu filho",
     "a loja só pede paciência", "os correios dizem que extraviou",
     "liguei três vezes sem resposta", "tive que buscar na agência",
     "chegou quando eu já não precisava", "prometeram uma data e não cumpriram"),
)  # fmt: skip

_ENDINGS: tuple[tuple[str, ...], ...] = (
    (".", ", recomendo!", ", comprarei de novo.", ". Parabéns à loja!", ", obrigada.", "!!", ""),
    (".", ", mas dá para usar.", ". Três estrelas.", ", vou ficar com ele.", ", paciência.", ""),
    (".", ", nunca mais compro aqui.", '. "Qualidade garantida", dizem eles.', ". Quero a devolução!", "!!!",
     ", que vergonha.", ""),
    (".", ", absurdo!", ". Assim não dá.", "... e nada.", ", vou cancelar.", ", não compro mais.", ""),
)  # fmt: skip

_JOINTS = (", ", " e ", ". ", "\n")

_TITLES: tuple[tuple[str, ...], ...] = (
    ("Recomendo", "Excelente", "Muito bom", "Adorei", "Ótimo produto", "Super satisfeita", "10", "Perfeito"),
    ("Regular", "Bom", "Razoável", "Podia ser melhor", "Mais ou menos"),
    ("Não recomendo", "Péssimo", "Defeito", "Decepção", "Produto errado", "Ruim", "Quero trocar"),
    ("Atraso", "Não chegou", "Entrega ruim", "Cadê meu pedido", "Fora do prazo"),
)


def compose_texts(mood: int) -> list[str]:
    """Compose all texts of a mood: openings, middles and endings, each in one of four manners.

    The manners: as written, in lower case without accents, in capitals, the middle left out.
    """
    parts = itertools.product(_OPENINGS[mood], _MIDDLES[mood], _ENDINGS[mood])
    return [_type(number, *part) for number, part in enumerate(parts)]


def titles(mood: int) -> list[str]:
    """Tell the titles of a mood, as written and in lower case."""
    return [*_TITLES[mood], *(title.lower() for title in _TITLES[mood])]


def _type(number: int, opening: str, middle: str, ending: str) -> str:
    """Join three phrases and type them in the manner that the number chooses."""
    text = f"{opening}{_JOINTS[number % 3 if number % 41 else 3]}{middle}{ending}"
    manner = number % 10
    if manner < 4:
        return text
    if manner < 7:
        return without_accents(text.lower())
    return text.upper() if manner == 7 else f"{opening}{ending}"
