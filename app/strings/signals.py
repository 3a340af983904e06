"""Sentences of the Signals page (`series.` is what recordings have in common with the other inputs)."""

TEXT: dict[str, str] = {
    "signals.nav": "Signals",
    "signals.no_models": "There are no trained readers of recordings here yet. Get the pretrained folder of the "
    "project, "
    "or train one with: python -m dynviz train early-reader-ecg",
    "signals.title": "Which steps did {title} process?",
    "series.static": "A static network: it processes every step of every recording. The yardstick for the others.",
    "series.early stopping": "Early stopping: it goes through the recording from its beginning and stops as soon as "
    "it is "
    "sure enough. What comes after the bar is never processed.",
    "series.skipping": "Skipping: after every step it processes it settles how many to skip. What "
    "is "
    "hatched was not processed.",
    "series.other": "A dynamic network ({mechanism}): it decides for each recording which steps to process.",
    "signals.no_device": "For learning how networks decide. It is **not a medical device**: nothing here says anything "
    "about anybody's heart.",
    "signals.knows.line": "{title} can only answer with one of these {count}. Give it a recording of another kind and "
    "it "
    "will still pick one. It learned from: {data}.",
    "signals.upload.ecg": "An ECG as a table (.csv, .txt) or a trace file",
    "signals.upload.speech": "A sound (WAV, M4A, MP3, OGG, WebM, FLAC) or a trace file",
    "signals.hint.ecg": "an ECG (CSV) or a trace file: drop it here · ",
    "signals.hint.speech": "a sound (WAV, M4A, MP3, …) or a trace file: drop it here · ",
    "signals.rate": "Samples a second of the file",
    "signals.rate.none": "as the file says, else {rate}",
    "signals.rate.help": "How many numbers of the file make a second. Without it the file's own times are used, "
    "and {rate} where it has none.",
    "signals.microphone": "Say one digit, from zero to nine, in English",
    "signals.microphone.help": "The microphone needs https or localhost. What you say stays on this server's memory "
    "for "
    "this session only.",
    "signals.spoken": "your voice",
    "signals.synthetic": "Spoken by a speech synthesiser (eSpeak NG), made for this app: nobody's voice.",
    "signals.wrong.ecg": "This is a sound, and {title} reads ECGs: a CSV file with one number a line, or with columns. "
    "For a sound choose a network for spoken digits above.",
    "signals.wrong.speech": "This is no sound, and {title} reads spoken digits: a WAV, M4A, MP3, OGG, WebM or FLAC "
    "file. For an ECG choose a network for ECGs above.",
    "signals.steps": "{steps:step|steps}",
    "signals.length": "{length} s, {rate} samples a second, {steps:step|steps} of {step} ms",
    "signals.length.frames": "{length} s, {rate} samples a second, {steps:step|steps} of "
    "{frame} ms, one every {step} ms",
    "signals.label": "The recording, step by step: solid where it was processed, hatched where it was skipped. Left "
    "and "
    "right arrow keys go from step to step, plus and minus zoom, zero shows all of it.",
    "signals.zoom": "Zoom",
    "signals.zoom.whole": "Show all",
    "signals.zoom.keys": "Also: + and − on the recording, or Ctrl and the wheel. Zoomed in, drag it to move.",
    "signals.line": "lower line: what it would have answered up to there",
    "signals.tip.at": "step {step}, at {at}",
    "signals.tip.score": "its score: {score} %",
    "signals.tip.limit": "the threshold here: {limit} %",
    "signals.tip.sofar": "up to here it would say: {label}, {sure} %",
    "signals.tip.now": "up to the marked step",
    "signals.beats": "Does it look where it matters?",
    "signals.beats.more": "At budget {budget} it processed {ventricular} of the steps in ventricular beats and "
    "{normal} of "
    "those in normal beats. As many steps, evenly spaced, would have hit {uniform} of the former: it looks more "
    "closely "
    "at ventricular beats.",
    "signals.beats.same": "At budget {budget} it processed {ventricular} of the steps in ventricular beats and "
    "{normal} of "
    "those in normal beats. As many steps, evenly spaced, would have hit {uniform} of the former: it does not look "
    "more closely at ventricular beats.",
    "signals.beats.where": "Steps in",
    "signals.beats.share": "processed",
    "signals.beats.ventricular": "ventricular beats",
    "signals.beats.normal": "normal beats",
    "signals.beats.rest": "neither",
    "signals.beats.uniform": "ventricular beats, if as many were evenly spaced",
    "signals.beats.note": "Over the {strips:test strip|test strips} with ventricular beats ({beats} of them). A beat "
    "reaches from "
    "{before} s before its peak to {after} s after. In {found} of the strips at least one ventricular beat was "
    "processed "
    "by half or more.",
    "signals.noise": "Does it hear a digit in a noisy room?",
    "signals.noise.line": "Of {n:word|words} with noise around and over them, as little as {db} dB weaker than the "
    "word, at "
    "least {least} are right; without noise {quiet}. The word is found against the room's own noise and the rest is "
    "left out: read whole, as few as {uncut} would be right in the quietest of these rooms.",
    "signals.noise.kind": "Noise",
    "signals.noise.white": "white, as a hiss",
    "signals.noise.pink": "pink, as a room",
    "signals.noise.clicks": "clicks",
    "signals.noise.note": "Right answers, by how many decibels the word is stronger than the noise. The test set holds "
    "no sounds but what networks read of them: the sounds are made of that again, and the noise is made too.",
    "signals.strangers": "Does it know voices that it never heard?",
    "signals.strangers.line": "Trained without a speaker and tried on that speaker, it is right on {share} of "
    "{n:recording|recordings} "
    "(95 % interval {low} to {high}); on other recordings of speakers that it was trained on, {heard}.",
    "signals.strangers.each": "Speaker by speaker, from the least to the best understood: {shares}. Every step "
    "processed.",
}
