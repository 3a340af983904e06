"""Sentences of the Start page."""

TEXT: dict[str, str] = {
    "start.nav": "Start",
    "start.title": "What is a dynamic network?",
    "start.lead": "An ordinary neural network does the same work for every picture, all over it. A **dynamic** one "
    "decides for each picture where to look and how much of itself to run.",
    "start.example": "Run here, by this app: {title} on one photo, sharp and blurred, with the same budget. After each "
    "exit it stops if it is sure enough. Filled: it ran. Hatched: never run, so it cost nothing.",
    "start.example.other": "Run here, by this app: {title} on one photo, sharp and blurred, with the same budget. "
    "Filled: it ran. Hatched: never run, so it cost nothing.",
    "start.budget": "at budget {budget}",
    "start.none": "{title} spends no more on a blurred photo than on a sharp one.",
    "start.failed": "Something went wrong while {title} looked at the sample photo. Try another network.",
    "start.easy": "An easy picture",
    "start.hard": "The same, made harder",
    "start.exit": "exit {k}",
    "start.unit": "step {k}",
    "start.alt": "Sample photo “{name}”, in the square that the network saw",
    "start.masks.title": "It looks only where it has to",
    "start.masks": "“{title}” on one photo, run here, by this app. Hatched places were never computed, pale ones by "
    "some of its layers only. Choose what it may spend on a photo, on average:",
    "start.masks.budget": "Budget",
    "start.masks.share": "of its full compute was spent",
    "start.masks.alt": "Sample photo “{name}” with the places that “{title}” left out hatched over it",
    "start.masks.family": "These networks decide for each place in a picture whether and how finely to look. Here "
    "“{title}” at half its budget, run just now: hatched places were never computed.",
    "start.try": "Try it on your own picture",
    "start.text": "On your own text",
    "start.video": "On a video",
    "start.series": "On an ECG or a spoken digit",
    "start.accuracy": "What does a budget buy?",
    "start.map": "The dynamic networks here, by what they decide about",
    "start.sample-wise": "For each **input**, the network decides how much of itself to run.",
    "start.spatial-wise": "For each **place** in a picture, the network decides whether and how finely to look.",
    "start.temporal-wise": "For each **moment** of a text or a recording, the network decides whether to read it.",
    "start.what": "{mechanism}: {title}",
    "start.network.text": "{what} · texts",
    "start.network.video": "{what} · videos",
    "start.network.series": "{what} · recordings",
    "start.network": "{what}",
}
