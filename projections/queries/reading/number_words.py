"""Words of numbers in six languages, and the words that say how exact a number is."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Exactness = Literal["more than", "at least", "almost", "less than", "at most", "about", "between", "exactly"]


class NumberWords(NamedTuple):
    """How a language writes numbers.

    Attributes:
        words: numbers in words, from the smallest on; phrases of one number are parted by commas.
        joins: words between those of one number.
        times: what multiplies the number before it.
        many: what is at least so many, without a number.
        before, after: what says how exact a number is, before it and after it.
        to: words between the ends of a range.
    """

    words: Mapping[int, str]
    joins: str
    times: Mapping[int, str]
    many: Mapping[int, str]
    before: Mapping[Exactness, str]
    to: str
    after: Mapping[Exactness, str] = {}


def _counted(first: str, tens: str, hundreds: Mapping[int, str]) -> dict[int, str]:
    """The words of 1 to 20, of 30 to 90, and of hundreds; forms of one number are parted by bars."""
    found = {number: each.replace("|", ",") for number, each in enumerate(first.split(), 1)}
    found |= {number * 10: each.replace("|", ",") for number, each in enumerate(tens.split(), 3)}
    return found | dict(hundreds)


NUMBER_WORDS = {
    "en": NumberWords(
        words=_counted(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
            " eighteen nineteen twenty",
            "thirty forty fifty sixty seventy eighty ninety",
            {100: "hundred"},
        ),
        joins="and",
        times={1_000: "thousand", 1_000_000: "million"},
        many={24: "dozens", 200: "hundreds", 2_000: "thousands"},
        before={
            "more than": "more than,over,above,upwards of",
            "at least": "at least,no fewer than,not less than,no less than",
            "almost": "not quite,almost,nearly,just under,close to",
            "less than": "less than,fewer than,under",
            "at most": "at most,up to,no more than,not more than",
            "about": "about,around,some,roughly,approximately",
            "between": "between,from",
        },
        to="to,and",
        after={"at least": "or more"},
    ),
    "uk": NumberWords(
        words=_counted(
            "один|одна|одного|одну два|дві|двох|двома три|трьох чотири|чотирьох п'ять|п'яти|п'ятьох шість|шести"
            " сім|семи вісім|восьми дев'ять|дев'яти десять|десяти одинадцять дванадцять|дванадцяти тринадцять"
            " чотирнадцять"
            " п'ятнадцять|п'ятнадцяти шістнадцять сімнадцять вісімнадцять дев'ятнадцять двадцять|двадцяти",
            "тридцять|тридцяти сорок|сорока п'ятдесят|п'ятдесяти шістдесят сімдесят вісімдесят дев'яносто",
            {100: "сто,ста", 200: "двісті,двохсот", 300: "триста,трьохсот", 400: "чотириста", 500: "п'ятсот,п'ятисот"},
        ),
        joins="",
        times={1_000: "тисяча,тисячі,тисяч,тис.", 1_000_000: "мільйон,мільйони,мільйонів,млн"},
        many={20: "десятки", 200: "сотні", 2_000: "тисячі"},
        before={
            "more than": "понад,більше ніж,більш ніж,більше",
            "at least": "щонайменше,не менше ніж,не менше,принаймні",
            "almost": "майже,трохи менше",
            "less than": "менше ніж,менше",
            "at most": "не більше ніж,не більше,щонайбільше",
            "about": "близько,приблизно,орієнтовно",
            "between": "від,між",
        },
        to="до,і,та",
    ),
    "ru": NumberWords(
        words=_counted(
            "один|одна|одного|одну два|две|двух|двумя три|трех|трёх четыре|четырех|четырёх пять|пяти шесть|шести"
            " семь|семи восемь|восьми девять|девяти десять|десяти одиннадцать двенадцать|двенадцати"
            " тринадцать четырнадцать"
            " пятнадцать|пятнадцати шестнадцать семнадцать восемнадцать девятнадцать двадцать|двадцати",
            "тридцать|тридцати сорок|сорока пятьдесят|пятидесяти шестьдесят семьдесят восемьдесят девяносто",
            {
                100: "сто,ста",
                200: "двести,двухсот",
                300: "триста,трехсот,трёхсот",
                400: "четыреста",
                500: "пятьсот,пятисот",
            },
        ),
        joins="",
        times={1_000: "тысяча,тысячи,тысяч,тыс.", 1_000_000: "миллион,миллиона,миллионов,млн"},
        many={20: "десятки", 200: "сотни", 2_000: "тысячи"},
        before={
            "more than": "более чем,более,свыше,больше",
            "at least": "не менее чем,не менее,не меньше,как минимум,по меньшей мере",
            "almost": "почти,без малого",
            "less than": "менее чем,менее,меньше",
            "at most": "не более чем,не более,не больше,максимум",
            "about": "около,примерно,порядка,приблизительно",
            "between": "от,между",
        },
        to="до,и",
    ),
    "tr": NumberWords(
        words=_counted(
            "bir iki üç dört beş altı yedi sekiz dokuz on - - - - - - - - - yirmi",
            "otuz kırk elli altmış yetmiş seksen doksan",
            {100: "yüz", 11: "on bir", 12: "on iki", 13: "on üç", 14: "on dört", 15: "on beş", 16: "on altı"}
            | {17: "on yedi", 18: "on sekiz", 19: "on dokuz"},
        ),
        joins="",
        times={1_000: "bin", 1_000_000: "milyon"},
        many={20: "onlarca", 200: "yüzlerce", 2_000: "binlerce"},
        before={
            "at least": "en az,asgari",
            "almost": "neredeyse",
            "at most": "en fazla,en çok",
            "about": "yaklaşık,yaklaşık olarak,aşağı yukarı",
        },
        to="ile,ila",
        after={
            "more than": "den fazla,dan fazla,ten fazla,tan fazla,ü aşkın,ı aşkın,i aşkın,u aşkın,yi aşkın,yı aşkın",
            "less than": "den az,dan az,ten az,tan az",
            "almost": "e yakın,a yakın,ye yakın,ya yakın",
        },
    ),
    "fr": NumberWords(
        words=_counted(
            "un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept"
            " dix-huit dix-neuf vingt|vingts",
            "trente quarante cinquante soixante soixante-dix quatre-vingt|quatre-vingts quatre-vingt-dix",
            {100: "cent,cents"},
        ),
        joins="et",
        times={1_000: "mille", 1_000_000: "million,millions"},
        many={20: "dizaines", 24: "douzaines", 200: "centaines", 2_000: "milliers"},
        before={
            "more than": "plus de,plus d'",
            "at least": "au moins,pas moins de",
            "almost": "près de,presque,pas tout à fait",
            "less than": "moins de",
            "at most": "au plus,jusqu'à,pas plus de",
            "about": "environ,quelque,autour de",
            "between": "entre,de",
        },
        to="à,et",
        after={"about": "environ", "at least": "ou plus"},
    ),
    "ar": NumberWords(
        words=_counted(
            "واحد|واحدة اثنان|اثنين|اثنتين ثلاثة|ثلاث أربعة|أربع خمسة|خمس ستة|ست سبعة|سبع ثمانية|ثماني تسعة|تسع"
            " عشرة|عشر - - - - - - - - - عشرون|عشرين",
            "ثلاثون|ثلاثين أربعون|أربعين خمسون|خمسين ستون|ستين سبعون|سبعين ثمانون|ثمانين تسعون|تسعين",
            {100: "مئة,مائة", 200: "مئتان,مئتين,مائتين", 300: "ثلاثمئة,ثلاثمائة", 400: "أربعمئة,أربعمائة"},
        ),
        joins="و",
        times={1_000: "ألف,آلاف", 1_000_000: "مليون,ملايين"},
        many={20: "عشرات", 200: "مئات", 2_000: "آلاف"},
        before={
            "more than": "أكثر من,ما يزيد على,ما يزيد عن",
            "at least": "ما لا يقل عن,على الأقل",
            "almost": "قرابة,ما يقارب,زهاء",
            "less than": "أقل من",
            "at most": "ما لا يزيد عن,لا أكثر من",
            "about": "نحو,حوالي,تقريبا",
            "between": "بين,من",
        },
        to="و,إلى",
    ),
}
