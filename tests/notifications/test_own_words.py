"""What somebody really wrote: answers above, below and between what they quote."""

import pytest

from marketplace.notifications.messages.quoting import own_words

MARKED = """Passt, am Vormittag.
Diesmal sind rote Planen dabei.

Am Di., 24. Nov. 2026 um 08:05 Uhr schrieb Maria Reisinger, Vermittlung (SoPro) <
no-reply@sopro.example>:

> ##- Bitte schreiben Sie Ihre Antwort oberhalb dieser Zeile -##
>
> Hallo Andrea,
> bleibt es beim 24.?
"""


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ("Passt.", "Passt."),
        ("Passt.\r\n\r\nBis morgen\r\n", "Passt.\n\nBis morgen"),
        (MARKED, "Passt, am Vormittag.\nDiesmal sind rote Planen dabei."),
        ("Fine.\n\nOn Tue, 24 Nov 2026 at 08:05, Maria wrote:\n> x\n> y", "Fine."),
        ("Fine.\n\nOn Tue, 24 Nov 2026 at 08:05, Maria Reisinger\n<m@x.example> wrote:\n> x", "Fine."),
        (
            "Rendben.\n\nMaria <m@x.example> ezt írta (időpont: 2026. nov. 24., K, 8:05):\n\n> x",
            "Rendben.",
        ),
        ("Rendben.\n\n2026. 11. 24. 8:05 keltezéssel, Maria írta:\n> x", "Rendben."),
        ("Ja.\n\n-----Ursprüngliche Nachricht-----\nVon: Maria\nIrgendwas", "Ja."),
        ("Ja.\n\n________________________________\nVon: Maria\nGesendet: heute\nText", "Ja."),
        ("Igen.\n\nFeladó: Maria\nElküldve: ma\nTárgy: x\n\nSzöveg", "Igen."),
        ("Yes.\n\n*From:* Maria\n*Sent:* today\n\ntext", "Yes."),
        ("Ja.\n\n##- Bitte darüber schreiben -##\nHallo", "Ja."),
        ("Ja.\n-- \nAndrea Koller\nSpedition", "Ja."),
        ("Ja.\n\nVon meinem iPhone gesendet", "Ja."),
        ("Ok.\n\nSent from my iPhone", "Ok."),
        ("Igen.\n\nElküldve iPhone-ról", "Igen."),
        ("> bleibt es dabei?\n\nJa, am 24.", "> bleibt es dabei?\n\nJa, am 24."),
        ("Am 24.11. schrieb Maria:\n> bleibt es dabei?\n\nJa, am 24.\n-- \nA", "Ja, am 24."),
        ("Ja.\n> alt\n> älter\n\n", "Ja."),
        ("", ""),
        ("> nur Zitat", ""),
        ("Am 24.11. schrieb Maria:\n> nur Zitat", ""),
        ("On the other hand I wrote nothing", "On the other hand I wrote nothing"),
        ("Wir fahren.\nVon: Eisenstadt\nnach Wien", "Wir fahren.\nVon: Eisenstadt\nnach Wien"),
        ("a\n\n\n\n\nb", "a\n\nb"),
    ],
)  # fmt: skip
def test_own_words(mail, words):
    assert own_words(mail) == words
