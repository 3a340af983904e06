"""The sample texts, written for this app. Each is of a kind, and the networks trained on that kind are offered it."""

from __future__ import annotations

from dataclasses import dataclass

REVIEW, NEWS, BANK = "review", "news", "bank"


@dataclass(frozen=True)
class SampleText:
    """kind: REVIEW, NEWS or BANK."""

    name: str
    kind: str
    text: str


def kind_of(data: str) -> str | None:
    """What kind of text a data set holds, by the name that a card gives it; None for one of no kind known here."""
    return next((kind for kind in (REVIEW, NEWS, BANK) if kind in data.lower()), None)


def texts_for(data: str) -> dict[str, SampleText]:
    """The samples for networks trained on ``data``, by name; all of them where none is of its kind."""
    kind = kind_of(data)
    return {sample.name: sample for sample in SAMPLES if sample.kind == kind} or {s.name: s for s in SAMPLES}


SAMPLES = (
    SampleText(
        "glowing review",
        REVIEW,
        "I had almost forgotten that a film can do this. From the first quiet shot of the harbour I was completely "
        "absorbed, and when the lights came up I did not want to leave. Maria Lind is wonderful as the older sister: "
        "funny, stubborn, heartbreaking, often within a single look. The script is warm and clever, the music is "
        "beautiful, and every small part is perfectly cast. It made me laugh, it made me cry, and I have already "
        "bought a ticket to see it again with my mother. One of the best films of the year. Do not miss it.",
    ),
    SampleText(
        "damning review",
        REVIEW,
        "What a waste of two hours. The story makes no sense, the jokes are painfully unfunny, and the lead actor "
        "reads his lines as if somebody had handed them to him that morning. Nothing happens for an hour; then "
        "everything happens at once, badly lit and worse edited. I have seen better dialogue on the back of a cereal "
        "box. By the end half of the audience had left, and the rest of us were laughing in all the wrong places. "
        "Dull, stupid and far too long. Avoid it.",
    ),
    SampleText(
        "turns at the end",
        REVIEW,
        "It starts so well. The photography is gorgeous, the two leads are charming together, and the first act has "
        "some of the funniest scenes I have seen in a long time. I loved the little dog, I loved the grandmother, I "
        "loved the way the rain keeps coming in through the roof of the cinema. For an hour I was sure that this "
        "would be my favourite film of the summer. And then comes an ending so cheap, so lazy and so insulting that "
        "it ruins everything before it, and I left the theatre angry and deeply disappointed.",
    ),
    SampleText(
        "long review",
        REVIEW,
        "Let me begin with a confession: I am not the person this film was made for. I do not like trains, I do not "
        "like snow, and I have never been able to tell the members of a large family apart when all of them wear the "
        "same coat. So when a friend dragged me to a three-hour drama about five brothers who run a railway line in "
        "the far north, I took a book with me and sat near the door.\n\n"
        "The first half hour did little to change my mind. There is a great deal of snow. There is a long scene in "
        "which a stove is lit, goes out, and is lit again. A man with a beard says something to a man with a larger "
        "beard, and both of them look out of a window. The camera stays on the window. Somebody in the row behind me "
        "opened a packet of crisps, and I remember thinking that this was the most dramatic thing that had happened "
        "so far.\n\n"
        "Then, slowly, something began to work on me. I noticed that I had started to tell the brothers apart, not "
        "by their faces but by the way they held a cup. I noticed that the stove had been lit by the only one of "
        "them who could not sleep, and that the others knew it and said nothing. I noticed that the film had never "
        "once told me what to feel. There is hardly any music. There are no speeches. When the telegram comes, about "
        "an hour in, we do not see what it says; we only see who folds it up, and where he puts it.\n\n"
        "I have thought a lot about why this is so effective. Part of it is the acting. The whole cast is superb, but "
        "Henrik Aas, as the second youngest, gives the kind of performance that you only notice afterwards, because "
        "while it is going on you simply believe that you are watching a man. Part of it is the photography, which "
        "is patient without ever being slow for its own sake. The long takes that had bored me at the beginning had "
        "been teaching me how to look, and by the middle of the film I was reading every frame like a letter.\n\n"
        "It is not perfect. The subplot about the schoolteacher could have been cut without much loss, one of the "
        "brothers disappears for so long that I had forgotten him when he returned, and the business with the "
        "stolen signal lamp is frankly silly. The dubbing of the station master in the version I saw was poor, too. "
        "A stricter editor would have found twenty minutes to remove, and the film would have been better for it.\n\n"
        "But these are small complaints about something large. The last forty minutes, in which the line is to be "
        "closed and the brothers drive the final train themselves, through a storm, without passengers, for no "
        "reason that any of them can explain, are as moving as anything I have seen in a cinema. I did not open my "
        "book. I did not look at the door. When it was over nobody in the room moved, and the person with the "
        "crisps was crying.\n\n"
        "So here is the advice of somebody who went in unwillingly: go, sit in the middle, give it its half hour of "
        "snow and stoves, and trust it. It is a strange, stubborn, wonderful film, and I have not been able to stop "
        "talking about it since.",
    ),
    SampleText(
        "news item",
        NEWS,
        "Shares in the ferry operator Northline rose nine percent on Tuesday after the company said that its first "
        "battery-powered ship would enter service in spring, a year earlier than planned. The group expects to save "
        "fourteen million euros in fuel a year and raised its profit forecast for the second time since January. "
        "Analysts had expected a loss. The order book of its shipyard is full until the end of the decade.",
    ),
    SampleText(
        "match report",
        NEWS,
        "An own goal in stoppage time sent Rovers out of the cup on Saturday night. The visitors had led twice, "
        "through a header from Okoro and a penalty, but were pulled back both times before their captain turned a "
        "harmless cross into his own net. The coach called it the cruellest defeat of his career.",
    ),
    SampleText(
        "lost card", BANK, "hello, I left my card in a taxi last night and now I can't find it, what should I do?"
    ),
    SampleText(
        "late transfer",
        BANK,
        "I sent money to my sister on Monday and it has left my account, but she still has not received it. How long "
        "does a transfer abroad usually take?",
    ),
)

BY_NAME = {sample.name: sample for sample in SAMPLES}
