"""Sentences of the Image page: its mechanisms, the difficulty knobs, whole families and a second network."""

TEXT: dict[str, str] = {
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
    "image.dynamic width by experts": "Experts: in some blocks a router sends the picture to those experts that suit "
    "it; the others are not run.",
    "image.dynamic routing": "Routing: a grid of cells over several scales, through which every picture takes ways of "
    "its own; where no way leads, nothing is run.",
    "image.dynamic parameters": "Dynamic parameters: what a layer computes with depends on the picture. "
    "That is for accuracy; it saves no compute.",
    "image.token pruning": "Token pruning: the picture is cut into patches, and between the layers those that it can "
    "do without are dropped for good, in each picture as many as it likes.",
    "image.token halting": "Token halting: every patch stops on its own, after as many layers as it needs.",
    "image.token merging": "Token merging: patches that look alike to the network become one, so that a plain sky "
    "costs little and a crowd much. Nothing was trained for it.",
    "image.other": "A dynamic network ({mechanism}): it decides for each picture what to run.",
    "image.replayed": "Replayed from {name}: everything below comes from that file alone.",
    "image.no_models": "There are no trained networks here yet. Get the pretrained folder of the project, or train one "
    "with: python -m dynviz train msdnet",
    "image.title.text": "What did {title} read?",
    "image.title.series": "Which steps did {title} process?",
    "family": "All {family} networks on this picture, at one budget ({count})",
    "family.running": "Running {count:network|networks}",
    "family.note": "Each at its own operating point for budget {budget}, skipping for real. Clear and "
    "filled: computed. Pale and hatched: left out. The strip: its decisions from the first to the last. The bar: what "
    "it spent of its own full compute.",
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
    "image.objects.note": "Over {photos:photo|photos} that it was not trained on, {people} of people with a drawn "
    "outline "
    "and {fruits} of fruits with boxes: few, so differences of some percent may be chance.",
    "image.hint": "your own picture: drop it here · ",
    "camera": "Camera",
    "camera.take": "Take a picture",
    "camera.help": "The camera needs https or localhost.",
    "knows": "Knows {count} things",
    "knows.search": "Does it know this? Type a word",
    "knows.search.hint": "Search the {count}",
    "image.thousand": "Your own picture is looked at by {title}, which knows {count} things. Any other network is one "
    "click away.",
    "image.knows.line": "{title} can only answer with one of these {count} words. Show it anything else and it will "
    "still pick one, hopefully unsure. It reads the picture at {side} × {side} px.",
    "framing": "What the network gets",
    "framing.crop": "Centre square",
    "framing.fit": "Whole picture",
    "picture.alt": "The picture that the network looked at: {name}",
    "picture.seen": "{share} of the picture lies outside what the network saw",
    "picture.whole": "the network saw all of it",
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
}
