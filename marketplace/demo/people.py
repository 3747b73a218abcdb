"""The people who sign in to look around, and the password that they share."""

PASSWORD = "Zollstock-2026"

SIGN_INS = {
    "company": "firma@demo.sopro.example",
    "enterprise": "betrieb@demo.sopro.example",
    "broker": "vermittlung@demo.sopro.example",
    "agency": "agentur@demo.sopro.example",
    "workshop": "muhely@demo.sopro.example",
    "broker_hu": "kozvetites@demo.sopro.example",
    "assessor": "pruefung@demo.sopro.example",
}
