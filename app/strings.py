"""Every sentence that the app shows, in one table, so that it can be translated. Numbers are put in by ``say``."""

from __future__ import annotations

TEXT: dict[str, str] = {
    "app": "dynviz",
    # the Start page
    "start.nav": "Start",
    "start.title": "What is a dynamic network?",
    "start.lead": "An ordinary neural network does the same work for every picture. A **dynamic** one decides, "
    "picture by picture, how much of itself to run: an easy picture is answered early, a hard one goes further.",
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
    "start.try": "Try it on your own picture",
    "start.text": "On your own text",
    "start.series": "On an ECG or a spoken digit",
    "start.accuracy": "What does a budget buy?",
    "start.map": "The dynamic networks here, by what they decide about",
    "start.sample-wise": "For each **input**, the network decides how much of itself to run.",
    "start.spatial-wise": "For each **place** in a picture, the network decides whether and how finely to look.",
    "start.temporal-wise": "For each **moment** of a text or a recording, the network decides whether to read it.",
    "start.what": "{mechanism}: {title}",
    "start.network.text": "{what} · texts",
    "start.network.series": "{what} · recordings",
    "start.network": "{what}",
    # the Image page
    "image.nav": "Image",
    "image.title": "How does {title} look at this picture?",
    "image.static": "A static network: it spends the same on every picture. The yardstick for the others.",
    "image.early exit": "Early exit: after each exit the network may answer and stop. "
    "Everything after the answer is never run.",
    "image.regions": "Regions: it chooses for each picture which parts of it to look at closely.",
    "image.resolution": "Resolution: for each picture it finds out how small a version of it will do.",
    "image.pixel masks": "Pixel masks: each stage decides, cell by cell, where in the picture it computes. "
    "The rest keeps what it has.",
    "image.halting score per position": "Halting scores: each place of the picture is computed until it has been "
    "looked at enough.",
    "image.layer skipping by gates": "Layer skipping: in front of each block a gate decides whether it runs.",
    "image.layer skipping by a policy network": "Layer skipping: a small network settles beforehand which blocks run.",
    "image.layer skipping by halting scores": "Layer skipping: each stage stops once its halting scores add up.",
    "image.dynamic width": "Dynamic width: each block decides how many of its channels it computes.",
    "image.dynamic parameters": "Dynamic parameters: what a layer computes with depends on the picture. "
    "That is for accuracy; it saves no compute.",
    "image.token pruning": "Token pruning: the picture is cut into patches, and between the layers those that it can "
    "do without are dropped for good, in each picture as many as it likes.",
    "image.token halting": "Token halting: every patch stops on its own, after as many layers as it needs.",
    "image.token merging": "Token merging: patches that look alike to the network become one, so that a plain sky "
    "costs little and a crowd much. Nothing was trained for it.",
    "image.other": "A dynamic network ({mechanism}): it decides for each picture what to run.",
    "image.replayed": "Replayed from {name}: everything below comes from that file alone.",
    # the picker of a network
    "picker.search": "Search: a network, a mechanism, what it knows …",
    "picker.none": "No network is called so.",
    "picker.data": "What it knows",
    "picker.compare": "Compare with: static networks of the same data",
    "picker.change": "Change network",
    "picker.close": "Close",
    "picker.replayed": "From a trace file: {title}",
    "picker.sample-wise": "for each input: how much of itself to run",
    "picker.spatial-wise": "for each place: whether and how finely to look",
    "picker.temporal-wise": "for each moment: whether to read it",
    # what a person brought
    "own.label": "What you brought",
    "own.remove": "Take {name} away",
    "own.gone": "{name} had to go: what you bring is kept up to 50 files and 100 MB.",
    "network.static": "static",
    "text.no_models": "There are no trained readers here yet. Get the pretrained folder of the project, or train one "
    "with: python -m dynviz train early-reader-imdb",
    "image.no_models": "There are no trained networks here yet. Get the pretrained folder of the project, or train one "
    "with: python -m dynviz train msdnet",
    # the Text page
    "text.nav": "Text",
    "text.title": "What did {title} read?",
    "image.title.text": "What did {title} read?",
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
    "text.words": "{count} words",
    "text.word": "1 word",
    "text.marks": "{count} marks",
    "text.mark": "1 mark",
    "text.strange": "{count} not in its vocabulary (dashed)",
    "text.label": "The text, word by word. With the left and right arrow keys you go from word to word.",
    "text.tip.score": "its score: {score} %",
    "text.tip.limit": "the threshold here: {limit} %",
    "text.tip.sofar": "up to here it would say: {label}, {sure} %",
    "text.tip.strange": "not in its vocabulary: it reads “unknown word”",
    "text.tip.now": "up to the marked word",
    "text.tip.beyond": "Beyond its reach: it is never given the words from here on",
    "text.beside": "The same text, other readers",
    "text.beside.choose": "Choose up to {most} others, static ones too",
    "text.beside.note": "Under each line of the text, a line for every reader. Solid: read. Dotted: skimmed. Hatched: "
    "skipped. Short: dropped on the way. Nothing: never reached.",
    # the Signals page
    "signals.nav": "Signals",
    "signals.no_models": "There are no trained readers of recordings here yet. Get the pretrained folder of the "
    "project, "
    "or train one with: python -m dynviz train early-reader-ecg",
    "signals.title": "Which steps did {title} process?",
    "image.title.series": "Which steps did {title} process?",
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
    "signals.hint.speech": "a sound (WAV, M4A, MP3, ...) or a trace file: drop it here · ",
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
    "signals.steps": "{steps} steps",
    "signals.length": "{length} s, {rate} samples a second, {steps} steps of {step} ms",
    "signals.length.frames": "{length} s, {rate} samples a second, {steps} steps every {step} ms, each {frame} ms long",
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
    "signals.beside": "The same recording, other networks",
    "signals.beside.choose": "Choose up to {most} others, static ones too",
    "signals.beside.note": "Each at its own operating point for the budget above. Solid: processed. Hatched: skipped. "
    "Pale: never reached.",
    "family": "All {count} {family} networks on this picture, at one budget",
    "family.running": "Running {count} networks",
    "family.note": "Each at its own operating point for budget {budget}, skipping for real. Clear: computed. Pale and "
    "hatched: left out. The bar: what it spent of its own static path.",
    "family.failed": "These could not be run on this picture: {titles}.",
    "image.objects": "Does it look where it matters?",
    "image.objects.more": "At budget {budget}, {share} of the compute that it decides about falls on the object, which "
    "takes up {object} of what it sees: it computes more where the object is.",
    "image.objects.less": "At budget {budget}, {share} of the compute that it decides about falls on the object, which "
    "takes up {object} of what it sees: it computes more elsewhere than where the object is.",
    "image.objects.same": "At budget {budget}, {share} of the compute that it decides about falls on the object, which "
    "takes up {object} of what it sees: it does not look more closely at the object.",
    "image.objects.nothing": "At budget {budget} it leaves out everything that it may leave out, so it looks nowhere.",
    "image.objects.what": "On the object",
    "image.objects.on": "share",
    "image.objects.compute": "of the compute that it decides about",
    "image.objects.pointing": "of the photos, where the most computed place lies on it (the pointing game)",
    "image.objects.picture": "of what it sees: what both would be if it looked anywhere",
    "image.objects.note": "Over {photos} photos that it was not trained on, {people} of people with a drawn outline "
    "and {fruits} of fruits with boxes: few, so differences of some percent may be chance.",
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
    "signals.beats.note": "Over the {strips} test strips with ventricular beats ({beats} of them). A beat reaches from "
    "{before} s before its peak to {after} s after. In {found} of the strips at least one ventricular beat was "
    "processed "
    "by half or more.",
    "signals.noise": "Does it hear a digit in a noisy room?",
    "signals.noise.line": "Of {n} words with noise around and over them, as little as {db} dB weaker than the word, at "
    "least {least} are right; without noise {quiet}. The word is found against the room's own noise and the rest is "
    "left out: read whole, as few as {uncut} would be right in the quietest of these rooms.",
    "signals.noise.kind": "Noise",
    "signals.noise.white": "white, as a hiss",
    "signals.noise.pink": "pink, as a room",
    "signals.noise.clicks": "clicks",
    "signals.noise.note": "Right answers, by how many decibels the word is stronger than the noise. The test set holds "
    "no sounds but what networks read of them: the sounds are made of that again, and the noise is made too.",
    "signals.strangers": "Does it know voices that it never heard?",
    "signals.strangers.line": "Trained without a speaker and tried on that speaker, it is right on {share} of {n} "
    "recordings (95 % interval {low} to {high}); on other recordings of speakers that it was trained on, {heard}.",
    "signals.strangers.each": "Speaker by speaker, from the least to the best understood: {shares}. Every step "
    "processed.",
    # choosing a picture
    "upload": "Your own picture, or a trace file",
    "image.hint": "your own picture: drop it here · ",
    "samples": "Samples",
    "sample.unknown": "{name} ?",
    "sample.truth": "in truth: {shows}",
    "sample.truth.unknown": "in truth: {shows}, none of what it knows",
    "camera": "Camera",
    "camera.take": "Take a picture",
    "camera.help": "The camera needs https or localhost.",
    "files.bad": "{name}: {reason}",
    "files.other_trace": "This trace file holds a run on {modality}; here, runs on pictures, texts and recordings are "
    "shown.",
    "knows": "Knows {count} things",
    "image.knows.line": "{title} can only answer with one of these {count} words. Show it anything else and it will "
    "still pick one, hopefully unsure. It reads the picture at {side} × {side} px.",
    "framing": "What the network gets",
    "framing.crop": "Centre square",
    "framing.fit": "Whole picture",
    "picture.alt": "The picture that the network looked at: {name}",
    "picture.seen": "{share} of the picture lies outside what the network saw",
    "picture.whole": "the network saw all of it",
    # the live view
    "scrubber.decisions": "What it decided, in order",
    "scrubber.curve": "What this budget buys",
    "scrubber.single": "Accuracy against compute",
    "scrubber.top": "Its five best guesses",
    "scrubber.slider": "Budget",
    "scrubber.modes": "Kind of budget",
    "scrubber.budgeted": "Budgeted",
    "scrubber.anytime": "Anytime",
    "scrubber.keys": "← → to step, space to play.",
    "scrubber.budgeted.line": "A budget is an average over many pictures;",
    "scrubber.budgeted.line.text": "A budget is an average over many texts;",
    "scrubber.budgeted.line.series": "A budget is an average over many recordings;",
    "scrubber.budgeted.parent": "Budgets are shares of what “{parent}” takes on average;",
    "scrubber.budgeted.less": "this one was easy and spent less.",
    "scrubber.budgeted.more": "this one was hard and spent more.",
    "scrubber.budgeted.usual": "this one spent about as much.",
    "scrubber.budgeted.less.text": "this one took a smaller share of its static path.",
    "scrubber.budgeted.more.text": "this one took a larger share of its static path.",
    "scrubber.budgeted.usual.text": "this one took about that share of its static path.",
    "scrubber.budgeted.less.series": "this one took a smaller share of its static path.",
    "scrubber.budgeted.more.series": "this one took a larger share of its static path.",
    "scrubber.budgeted.usual.series": "this one took about that share of its static path.",
    "scrubber.anytime.line": "A hard cap for this picture: it answers with the last exit it can afford.",
    "scrubber.single.line": "This network has a single operating point: every layer runs on every picture.",
    "scrubber.single.line.text": "This network has a single operating point: it reads every word of every text.",
    "scrubber.single.line.series": "This network has a single operating point: it processes every step of every "
    "recording.",
    "scrubber.replay.line": "One finished run, as it was saved.",
    "scrubber.budgeted.value": "Budget {budget}. {answer}",
    "scrubber.anytime.value": "Cap {budget}. {answer}",
    "scrubber.budgeted.mark": "budget {budget}",
    "scrubber.anytime.mark": "cap {budget}",
    "scrubber.play": "Play the decisions",
    "scrubber.play.text": "Read it as it did",
    "scrubber.play.series": "Play it step by step",
    "scrubber.top.few": "How sure it was of each answer",
    "scrubber.stop": "Stop",
    "scrubber.link": "Copy link",
    "scrubber.copied": "Link copied",
    "scrubber.select": "Copy the address below",
    "scrubber.nolink": "Your own input cannot travel in a link. Save the view as a trace file instead: it opens here "
    "again, without a network.",
    "scrubber.failed": "This view could not be drawn. Choose another input, budget or network.",
    "scrubber.measuring": "measuring time …",
    "whatif": "What would the later exits have said?",
    "layers": "On the picture:",
    "layers.mean": "all layers, on average",
    "layers.sum": "how many layers looked (brighter: more)",
    "whatif.row": "{sure}, not run",
    "twin.ran": "Nothing was left out: this is the static path.",
    "twin.ran.text": "Nothing could be left out: this is the static path.",
    "twin.ran.series": "Nothing could be left out: this is the static path.",
    "twin.same": "Run to the end, it would have said {label} ({sure}) too, for {saved} more.",
    "twin.other": "Run to the end, it would have said {label} ({sure}), for {saved} more.",
    "accuracy.budgeted": "Right on {share} of {n} test pictures (95 % interval {low} to {high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.budgeted.text": "Right on {share} of {n} test texts (95 % interval {low} to {high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.budgeted.series": "Right on {share} of {n} test recordings (95 % interval {low} to {high}), at {macs} "
    "multiply-adds on average.",
    "accuracy.anytime": "Stopped here every time, it is right on {share} of {n} test pictures.",
    # making the picture harder
    "harder": "Make it harder",
    "harder.knob": "What is changed",
    "harder.reset": "Reset",
    "harder.running": "Looking at harder and harder pictures …",
    "harder.note": "Made harder: {knob}, {strength}.",
    "harder.more": "As it is, this picture costs {macs} multiply-adds; at {strength} it costs {most}, {times} times as "
    "much.",
    "harder.less": "Nothing here costs more than the picture as it is ({macs} multiply-adds). At {strength} it costs "
    "{least}.",
    "harder.flat": "It spends {macs} multiply-adds at every strength.",
    "harder.static": "Nothing changes in compute: a static network spends {macs} multiply-adds on every picture.",
    "harder.capped": "Nothing changes in compute: with this hard cap every picture costs {macs} multiply-adds.",
    "harder.same": "It says {label} at every strength.",
    "harder.other": "It says something else than {label} at {count} of {n} strengths, first at {strength}.",
    "harder.cheap": "At {strength} it says {label} ({sure}) after only {macs}: being sure is not being right.",
    "harder.exits": "The number is the exit that answered.",
    "harder.legend": "Filled: it ran. Hatched: never run, so it cost nothing. = and ≠: the answer to the picture as "
    "it is, or another one.",
    "knob.zoom": "Zoom",
    "knob.rotation": "Rotation",
    "knob.occlusion": "Occlusion",
    "knob.blur": "Blur",
    "knob.brightness": "Brightness",
    "knob.noise": "Noise",
    "knob.resolution": "Resolution",
    "knob.zoom.label": "Zoom, about the middle",
    "knob.rotation.label": "Rotation, clockwise",
    "knob.occlusion.label": "Grey square, share of the middle square",
    "knob.blur.label": "Blur, share of the shorter side",
    "knob.brightness.label": "Brightness, times its own",
    "knob.noise.label": "Noise, share of full brightness",
    "knob.resolution.label": "Pixels along the shorter side",
    # a second network
    "beside": "Beside it",
    "beside.none": "Choose a second network",
    "beside.same": "{title} is the network above. Choose another one to see both side by side.",
    "beside.over": "over the cap of {cap}",
    "beside.note": "Both bars are on one scale; the outline is each network's own static path. A budget is a share of "
    "the network's own static path, so the same budget may allow one more than the other.",
    # the Accuracy and compute page
    "accuracy.nav": "Accuracy and compute",
    "accuracy.title": "What does a budget buy?",
    "accuracy.line": "Right answers on {n} test samples against the multiply-adds spent on one of them. A "
    "static network "
    "is one point; a dynamic one has a curve, one point a budget. Pale bands and bars: 95 % intervals.",
    "accuracy.shown": "Networks drawn",
    "accuracy.shown.button": "{count} of {of} drawn",
    "accuracy.baselines": "Baselines",
    "accuracy.baselines.help": "The same weights with decisions that do not look at the input. Random exits: each "
    "input leaves at an exit drawn at random. Same exit for all: every input leaves there. Random and uniform "
    "skipping: as much is left out, by chance or evenly. A dynamic network should lie above them.",
    "accuracy.no_published": "No published results are shown: no paper reports on {data}.",
    "accuracy.published": "Published results are marks without a line; point at one for its source. {remark}",
    "accuracy.network": "Network",
    "accuracy.budget": "Budget",
    "accuracy.budget.help": "The mean compute over many inputs, as a share of the full compute. Click a point in the "
    "chart, or use ← and → here.",
    "accuracy.single": "This network is static: it leaves nothing out.",
    "accuracy.open": "Try this budget on a picture",
    "accuracy.open.text": "Try this budget on a text",
    "accuracy.open.series": "Try this budget on a recording",
    "accuracy.open.static": "Try it on a picture",
    "accuracy.open.static.text": "Try it on a text",
    "accuracy.open.static.series": "Try it on a recording",
    "accuracy.point": "{title} at budget {budget}",
    "accuracy.right": "right (95 % interval {low} to {high}, n = {n})",
    "accuracy.spent": "multiply-adds on average · {share} of its static path ({full})",
    "accuracy.spent.static": "multiply-adds on average, nothing left out",
    "accuracy.exits": "Which exit answered",
    "accuracy.units": "How often each unit ran",
    "accuracy.exit": "exit {k}",
    "accuracy.unit": "unit {k}",
    "accuracy.threshold": "if {sure} sure",
    "accuracy.rest": "all the rest",
    "accuracy.none": "none",
    "accuracy.sibling": "At this compute the static siblings reach {share} (read between their points): this one is "
    "{gain} points{interval}.",
    "accuracy.sibling.none": "No static sibling spends this little or this much.",
    "accuracy.interval": " (95 % interval {low} to {high})",
    "accuracy.verdict": "Does it pay to be dynamic?",
    "accuracy.verdict.never": "No. {title} never beats the static siblings: over all the compute that both reach it "
    "lies below them. It comes closest at {macs}: {gain} points{interval}.",
    "accuracy.verdict.always": "Yes. {title} lies above the static siblings over all of the compute that both "
    "reach; at "
    "best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.partly": "In part. {title} lies above the static siblings over {share} of the compute that both "
    "reach; at best {gain} points at {macs}{interval}; at its dearest {last} points{last_interval}.",
    "accuracy.verdict.unknown": "There are no static siblings to compare it with.",
    "accuracy.verdict.static": "A static network is the yardstick: choose a dynamic one to hold against it.",
    "accuracy.baseline": "Compared with",
    "accuracy.above": "Above it over",
    "accuracy.best": "At best",
    "accuracy.last": "At its dearest",
    "accuracy.gain.at": "{gain} at {macs}",
    "accuracy.verdict.note": "In points of accuracy, over the compute that both reach (on a log scale); between "
    "two points "
    "a curve is drawn straight. Intervals: 95 %, paired bootstrap over the same test samples, where both have "
    "a table.",
    "accuracy.changes": "What changes between two budgets?",
    "accuracy.changes.range": "From this budget to that one",
    "accuracy.changes.same": "Choose two different budgets.",
    "accuracy.changes.line": "From budget {low} to {high}, **{gained}** test samples become right and "
    "**{lost}** become "
    "wrong, of {n}: {net} points. {other} more get another wrong answer.",
    "accuracy.changes.which": "Which",
    "accuracy.changes.gained": "got right ({count})",
    "accuracy.changes.lost": "got wrong ({count})",
    "accuracy.changes.alt": "Test samples whose answer changes, with index, class and both answers.",
    "accuracy.changes.picture": "Picture",
    "accuracy.changes.text": "How it begins",
    "accuracy.changes.no_pictures.text": "Index and class only: the texts are not shipped with the networks. Where the "
    "data set is on this machine, set DYNVIZ_DATA to its folder and their first words appear. ({reason}.)",
    "accuracy.changes.index": "Test sample",
    "accuracy.changes.class": "It is",
    "accuracy.changes.before": "At {budget}",
    "accuracy.changes.after": "At {budget} ",
    "accuracy.changes.no_pictures": "Index and class only: the photos are not shipped with the networks. Where "
    "the data set "
    "is on this machine, set DYNVIZ_DATA to its folder and they appear. ({reason}.)",
    "accuracy.classes": "What is easy, what is hard?",
    "accuracy.classes.few": "From the cheapest to the dearest at budget {budget}: {all}.",
    "accuracy.classes.line": "Cheapest at budget {budget}: {easy}. Dearest: {hard}.",
    "accuracy.classes.one": "{label} ({macs})",
    "accuracy.classes.exits": "Each row: the share of the class's test samples that each exit answered.",
    "accuracy.classes.units": "Each row: the share of the class's test samples on which each unit ran.",
    "accuracy.classes.class": "Thing",
    "accuracy.classes.macs": "Mean",
    "accuracy.classes.right": "Right",
    "accuracy.classes.n": "n",
    "accuracy.classes.thin": "Fewer than {least} test samples: grey, and to be read with care.",
    "accuracy.no_table": "What follows from single test samples is left out: {reason}.",
    "accuracy.ms": "A budget in milliseconds, on this machine",
    "accuracy.ms.line": "Runs {title} at every budget on {n} {pictures}, one thread, one at a time, static and "
    "dynamic in turn. It takes about half a minute.",
    "accuracy.ms.test": "test samples",
    "accuracy.ms.needs": "To measure a network that reads, its test samples have to be on this machine: set "
    "DYNVIZ_DATA to the folder of the data sets.",
    "accuracy.ms.crops": "crops of sample photos (the test pictures are not on this machine)",
    "accuracy.ms.measure": "Measure on this machine",
    "accuracy.ms.again": "Measure again",
    "accuracy.ms.waiting": "Waiting for another measurement to finish …",
    "accuracy.ms.starting": "Loading the network and its inputs …",
    "accuracy.ms.running": "{done} of {total} inputs",
    "accuracy.ms.failed": "It could not be measured: {reason}",
    "accuracy.ms.budget": "At most so many milliseconds for one input, on average",
    "accuracy.ms.found": "Budget {budget} is the largest that keeps to it: {ms} and {macs} multiply-adds on average "
    "here. On the test split it spends {test_macs} and is right on {share}.",
    "accuracy.ms.too_little": "Even the smallest budget takes {ms} on average.",
    "accuracy.ms.take": "Choose this budget above",
    "accuracy.ms.col.budget": "Budget",
    "accuracy.ms.col.ms": "Measured",
    "accuracy.ms.col.macs": "Multiply-adds",
    "accuracy.ms.col.promised": "Faster by multiply-adds",
    "accuracy.ms.col.speedup": "Faster, measured",
    "accuracy.ms.col.ratio": "Measured / promised",
    "accuracy.ms.note": "Everything run: {ms}, {macs} multiply-adds. Below 1.00 in the last column, part of the "
    "saving is "
    "lost on the way to the clock.",
    # waiting and leaving
    "loading": "Loading the network …",
    "looking": "Looking …",
    "queue": "Others are first. Your place in the queue: {place}.",
    "save": "Save this view as a trace file",
    "save.help": "Runs the network once more at this budget, really skipping, and saves every decision. "
    "Drop the file in here later to see this view again. Uploaded pictures cannot travel in a link; this file carries "
    "its picture.",
    # taking a view away in other forms
    "export": "Export",
    "export.line": "Made when you click; each file opens without a network.",
    "export.png": "Picture (PNG)",
    "export.webp": "Animation of the decisions (WebP)",
    "export.mp4": "The same as a video (MP4)",
    "export.svg": "Drawing (SVG)",
    "export.csv": "Table of the decisions (CSV)",
    "export.dynviz": "Trace file, to drop in here again",
    "export.html": "Report (one HTML page)",
    "export.curves.png": "Chart (PNG)",
    "export.curves.svg": "Chart (SVG)",
    "export.curves.csv": "Every point of the chart (CSV)",
    "export.curves.html": "Report (one HTML page)",
    "export.cards.csv": "Table of the networks (CSV)",
    "export.cards.json": "The cards as data (JSON)",
    "export.cards.html": "The cards (one HTML page)",
    "export.pair.png": "Both runs (PNG)",
    "export.pair.html": "Both runs (one HTML page)",
    "export.pair.dynviz": "Trace file: {title}",
    # large type and high contrast
    "projector": "Projector",
    "projector.help": "Large type and high contrast, readable from the back row.",
    # errors
    "error.network": "{title} cannot be used: {reason}. The other networks can.",
    "error.replay": "This trace file can be read but not drawn. Everything else on the page still works.",
    "error.failed.text": "Something went wrong while reading this text. Try another text or another network.",
    "error.failed.series": "Something went wrong while reading this recording. Try another one or another network.",
    "error.failed": "Something went wrong while looking at this picture. Try another picture or another network.",
    # the Models page
    "models.nav": "Models",
    "models.title": "Which networks are these?",
    "models.line": "What each one is, how well it does on inputs it had never seen, what it costs, "
    "and what it is bad at.",
    "models.card": "About {title}",
    "models.network": "Network",
    "models.on": "Data",
    "models.kind": "Kind",
    "models.macs_short": "Multiply-adds",
    "models.parameters_short": "Parameters",
    "models.accuracy.text": "right on {n} test texts (95 % interval {low} to {high})",
    "models.accuracy.series": "right on {n} test recordings (95 % interval {low} to {high})",
    "models.accuracy": "right on {n} test pictures (95 % interval {low} to {high})",
    "models.macs": "multiply-adds with everything run",
    "models.range": "{low} to {high} on average with its budgets",
    "models.parameters": "parameters; it reads {side} × {side} px",
    "models.parameters.text": "parameters of its own; it reads words",
    "models.parameters.series": "parameters; it reads steps of {step} ms",
    "models.dynamic": "It is dynamic by {mechanism}.",
    "models.static": "It is static: nothing is decided, every layer always runs.",
    "models.anytime": "It can also be stopped at any time and answers with what it has.",
    "models.weakness": "What it is bad at",
    "models.weakest": "Most often wrong on {things}.",
    "models.weakest.one": "{label} ({share} right)",
    "models.no_weakness": "Nothing was written down.",
    "models.pays": "Does it pay?",
    "models.pays.never": "No: static siblings of the same cost are more accurate everywhere. It comes closest at "
    "{macs}: {gain} points.",
    "models.pays.always": "Yes: more accurate than static siblings of the same cost everywhere; at {macs} by {gain} "
    "points.",
    "models.pays.partly": "In part: more accurate than static siblings of the same cost over {share} of the compute "
    "that both reach; at {macs} by {gain} points.",
    "models.near": "Within half a point of its static parent from {share} of the parent's compute on.",
    "models.far": "Always more than half a point below its static parent; closest at {share} of the parent's compute: "
    "{gain} points.",
    "models.paper": "Paper",
    "models.data": "Trained on",
    "models.licence": "Rights of the data",
    "models.parent": "Static parent",
    "models.teacher": "Learned also from",
    "models.members": "Made of",
    "models.recipe": "Train it again",
    "models.seed": "(seed {seed}, {epochs} epochs)",
    "models.classes": "How good it is at each thing",
    "models.class": "Thing",
    "models.right": "Right",
    "models.n": "Test samples",
    "models.thin": "few",
    "models.thin.line": "With fewer than {least} test samples a percentage says little; those are grey "
    "and marked “few”.",
    "models.broken": "{name} is left out: {reason}",
}


def say_of(modality: str, key: str, **values: object) -> str:
    """The sentence that ``key`` has for this kind of input, else the one for all."""
    own = f"{key}.{modality}"
    return say(own if own in TEXT else key, **values)


def say(key: str, **values: object) -> str:
    """The sentence ``key`` with its gaps filled. Raises KeyError for a sentence or a value that is missing."""
    return TEXT[key].format(**values)
