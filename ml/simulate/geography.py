"""Brazil's states, some of their cities, and where they lie.

Stays out: drawing who lives where.
"""

import dataclasses
import itertools
import unicodedata


@dataclasses.dataclass(frozen=True)
class State:
    """One of the 27 federative units.

    Attributes:
        code: Two letters.
        weight: Share of customers, in per mille.
        remoteness: Travel time and risk of delay relative to the average customer.
        latitude: Of the capital, in degrees.
        longitude: Of the capital, in degrees.
        zip_first: First zip prefix.
        zip_last: Last zip prefix.
        cities: Large cities, the largest first.
    """

    code: str
    weight: float
    remoteness: float
    latitude: float
    longitude: float
    zip_first: int
    zip_last: int
    cities: tuple[str, ...]


STATES = (
    State("SP", 420, 0.78, -23.55, -46.63, 1000, 19999,
          ("são paulo", "campinas", "guarulhos", "são bernardo do campo", "santo andré", "osasco", "santos",
           "sorocaba", "ribeirão preto", "jundiaí", "são josé dos campos", "bauru", "piracicaba", "taubaté",
           "franca", "limeira", "barueri", "são vicente", "praia grande", "americana")),
    State("RJ", 129, 1.35, -22.91, -43.20, 20000, 28999,
          ("rio de janeiro", "niterói", "nova iguaçu", "são gonçalo", "duque de caxias", "petrópolis",
           "volta redonda", "macaé", "cabo frio", "campos dos goytacazes")),
    State("MG", 117, 0.90, -19.92, -43.94, 30000, 39999,
          ("belo horizonte", "uberlândia", "contagem", "juiz de fora", "betim", "montes claros", "uberaba",
           "ipatinga", "poços de caldas", "divinópolis")),
    State("RS", 55, 1.10, -30.03, -51.23, 90000, 99999,
          ("porto alegre", "caxias do sul", "canoas", "pelotas", "santa maria", "novo hamburgo", "gravataí",
           "passo fundo")),
    State("PR", 51, 0.90, -25.43, -49.27, 80000, 87999,
          ("curitiba", "londrina", "maringá", "ponta grossa", "cascavel", "são josé dos pinhais",
           "foz do iguaçu")),
    State("SC", 37, 1.10, -27.60, -48.55, 88000, 89999,
          ("florianópolis", "joinville", "blumenau", "são josé", "itajaí", "chapecó", "criciúma")),
    State("BA", 34, 1.45, -12.97, -38.50, 40000, 48999,
          ("salvador", "feira de santana", "vitória da conquista", "lauro de freitas", "ilhéus", "itabuna")),
    State("DF", 21.5, 0.95, -15.79, -47.88, 70000, 72799, ("brasília", "taguatinga", "águas claras")),
    State("ES", 20.5, 1.20, -20.32, -40.34, 29000, 29999,
          ("vitória", "vila velha", "serra", "cariacica", "guarapari", "linhares")),
    State("GO", 20.3, 1.05, -16.69, -49.26, 72800, 76799,
          ("goiânia", "aparecida de goiânia", "anápolis", "rio verde", "luziânia")),
    State("PE", 16.6, 1.30, -8.05, -34.88, 50000, 56999,
          ("recife", "jaboatão dos guararapes", "olinda", "caruaru", "petrolina", "paulista")),
    State("CE", 13.4, 1.50, -3.73, -38.52, 60000, 63999,
          ("fortaleza", "caucaia", "juazeiro do norte", "sobral", "maracanaú")),
    State("PA", 9.8, 1.55, -1.46, -48.49, 66000, 68899,
          ("belém", "ananindeua", "santarém", "marabá", "parauapebas")),
    State("MT", 9.1, 1.10, -15.60, -56.10, 78000, 78899,
          ("cuiabá", "várzea grande", "rondonópolis", "sinop")),
    State("MA", 7.5, 1.75, -2.53, -44.30, 65000, 65999,
          ("são luís", "imperatriz", "timon", "balsas")),
    State("MS", 7.2, 1.10, -20.44, -54.65, 79000, 79999,
          ("campo grande", "dourados", "três lagoas", "corumbá")),
    State("PB", 5.4, 1.35, -7.12, -34.86, 58000, 58999, ("joão pessoa", "campina grande", "santa rita")),
    State("PI", 5.0, 1.55, -5.09, -42.80, 64000, 64999, ("teresina", "parnaíba", "picos")),
    State("RN", 4.9, 1.35, -5.79, -35.21, 59000, 59999, ("natal", "mossoró", "parnamirim")),
    State("AL", 4.2, 1.90, -9.67, -35.74, 57000, 57999, ("maceió", "arapiraca")),
    State("SE", 3.5, 1.60, -10.91, -37.07, 49000, 49999, ("aracaju", "nossa senhora do socorro")),
    State("TO", 2.8, 1.35, -10.18, -48.33, 77000, 77999, ("palmas", "araguaína", "gurupi")),
    State("RO", 2.5, 1.20, -8.76, -63.90, 76800, 76999, ("porto velho", "ji-paraná", "vilhena")),
    State("AM", 1.5, 1.50, -3.12, -60.02, 69000, 69299, ("manaus", "parintins")),
    State("AC", 0.8, 1.40, -9.97, -67.81, 69900, 69999, ("rio branco", "cruzeiro do sul")),
    State("AP", 0.7, 1.60, 0.03, -51.07, 68900, 68999, ("macapá", "santana")),
    State("RR", 0.5, 1.80, 2.82, -60.67, 69300, 69399, ("boa vista",)),
)  # fmt: skip

SMALL_TOWNS = tuple(
    f"{name} {tail}"
    for name, tail in itertools.product(
        ("santa luzia", "são bento", "nova esperança", "bom jesus", "santo amaro", "monte alegre",
         "lagoa nova", "ribeirão claro", "campo belo", "santa helena", "barra mansa", "são roque"),
        ("do norte", "do sul", "da serra", "do oeste", "das flores", "dos campos", "do vale", "das águas"),
    )
)  # fmt: skip


def without_accents(text: str) -> str:
    """Drop the accents: ``são paulo`` becomes ``sao paulo``."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
