"""Sentences of the Text page."""

TEXT: dict[str, str] = {
    "text.no_models": "There are no trained readers here yet. Get the pretrained folder of the project, or train one "
    "with: python -m dynviz train early-reader-imdb",
    "text.nav": "Text",
    "text.title": "What did {title} read?",
    "text.static": "A static network: it reads every word of every text. The yardstick for the others.",
    "text.early stopping": "Early stopping: it reads word by word and stops as soon as it is sure enough. "
    "What comes after the bar is never read.",
    "text.early exit": "Early exit: it takes in the whole text layer by layer and may answer after any of "
    "them. Layers after the answer are never run.",
    "text.skipping": "Skipping: after every word it reads it settles how many to skip; those are not even looked up.",
    "text.skimming": "Skimming: it glances at every word and reads in full only those that seem to matter; the others "
    "touch a small part of its state.",
    "text.jumping": "Jumping: it reads a span of words, then jumps ahead, or stops. What it jumps over it never sees.",
    "text.learned boundaries": "Hierarchy: an upper layer is updated only where the lower one has found a boundary, "
    "and copied elsewhere.",
    "text.token pruning": "Token pruning: layer by layer it drops the words that receive little attention.",
    "text.other": "A dynamic network ({mechanism}): it decides for each text what to read.",
    "text.box": "Your own text",
    "text.placeholder": "Type or paste a text in English. Ctrl + Enter looks at it.",
    "text.look": "Look",
    "text.upload": "A text file (.txt, .md), a table (.csv) or a trace file",
    "text.hint": "a text, a table or a trace file: drop it here · ",
    "text.typed": "your text",
    "text.column": "Column",
    "text.row": "Row, of {count}",
    "text.table": "{name}, row {row}",
    "text.knows.line": "{title} can only answer with one of these {count}. Give it a text of another kind and it will "
    "still pick one. It learned from: {data}.",
    "text.words": "{count:word|words}",
    "text.marks": "{count:mark|marks}",
    "text.strange": "{count} not in its vocabulary (dashed)",
    "text.label": "The text, word by word. With the left and right arrow keys you go from word to word.",
    "text.tip.score": "its score: {score} %",
    "text.tip.limit": "the threshold here: {limit} %",
    "text.tip.sofar": "up to here it would say: {label}, {sure} %",
    "text.tip.strange": "not in its vocabulary: it reads “unknown word”",
    "text.tip.now": "up to the marked word",
    "text.tip.beyond": "Beyond its reach: it is never given the words from here on",
}
