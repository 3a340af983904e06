"""Sentences of the Video page (`video.film.` are those of its timeline)."""

TEXT: dict[str, str] = {
    "video.nav": "Video",
    "video.no_models": "There are no trained networks for videos here yet. Get the pretrained folder of the project, "
    "or train one with: python -m dynviz train frames-mean",
    "video.title": "Which frames did {title} look at?",
    "image.title.video": "Which frames did {title} look at?",
    "video.static": "A static network: it looks at the same frames of every video. The yardstick for the others.",
    "video.early exit over frames": "Early exit over frames: it looks at frames in a fixed order, coarse to fine, and "
    "stops as soon as it is sure enough.",
    "video.agent that looks for frames": "An agent: after each frame it settles where in time to look next, or that it "
    "has seen enough.",
    "video.resolution or skip per frame": "Resolution or skip: after a cheap glance it settles how closely each frame "
    "is looked at, or how many are passed over.",
    "video.pre-sampling of key frames": "Key frames: a cheap glance at every frame finds the few that are worth a "
    "close look.",
    "video.dynamic update of hidden states": "Two memories: a cheap glance updates one at every frame, a close look "
    "the other, only where its gate says so.",
    "video.region per frame": "Regions: after a glance at every frame it looks closely at one part of some of them.",
    "video.other": "A dynamic network ({mechanism}): it decides for each video which frames to look at, and how.",
    "video.knows.line": "{title} can only answer with one of these {count}. Give it a video of something else and it "
    "will still pick one. It learned from: {data}.",
    "video.hint": "a video (MP4, MOV, WebM, GIF, …) or a trace file: drop it here · ",
    "video.decoding": "Decoding the frames that it may choose from: {done} of {whole}",
    "video.cancel": "Cancel",
    "video.decoded": "Decoding the {count} candidate frames took {decoding} here, whichever network follows.",
    "video.decoded.whole": "Here: {ms} for the network, {decoding} for decoding the {count} candidate frames, "
    "{whole} end to end.",
    "video.cancelled": "Stopped reading {name}. It is still among what you brought.",
    "video.length": "{size}, {frames} candidate frames, one every {every} s, the last at {last}",
    "video.length.untimed": "{size}, {frames} candidate frames",
    "video.film.label": "The candidate frames in order of time. Left and right arrow keys go from frame to frame, up "
    "and down through those it looked at in the order of looking, space plays.",
    "video.film.note": "Large: looked at, numbered in the order of looking. Small and hatched: never put through the "
    "network. How sure: after that look; filled where that was its answer already. Cost: filled for looks, pale for "
    "glances and deciding.",
    "video.film.note.once": "Large: looked at, numbered in the order of looking. Small and hatched: never put through "
    "the network. Cost: filled for looks, pale for glances and deciding. It answers once, from all that it looked at.",
    "video.film.lane.sure": "how sure",
    "video.film.lane.cost": "cost",
    "video.film.spent": "Multiply-adds: {parts}.",
    "video.film.spent.looks": "{macs} for looking at {count} of {whole:frame|frames}",
    "video.film.spent.glances": "{macs} for glances at {count:frame|frames} and deciding",
    "video.film.spent.rest": "{macs} for the answer",
    "video.film.looked": "looked at as number {turn} of {all}",
    "video.film.side": "at {side} px",
    "video.film.then": "then: {label}, {sure} %",
    "video.film.price": "cost {price}",
    "video.film.glanced": "only glanced at, cheaply, to decide: cost {price}",
    "video.film.skipped": "never put through the network",
    "video.film.roll": "▶ Play the video",
    "video.film.pause": "❚❚ Pause",
    "video.film.now": "after the frame that is shown",
    "scrubber.budgeted.line.video": "A budget is an average over many videos;",
    "scrubber.budgeted.less.video": "this one took a smaller share of its full compute.",
    "scrubber.budgeted.more.video": "this one took a larger share of its full compute.",
    "scrubber.budgeted.usual.video": "this one took about that share of its full compute.",
    "scrubber.single.line.video": "This network has a single operating point: it looks at the same frames of every "
    "video.",
    "scrubber.play.video": "Look as it did",
    "twin.ran.video": "Nothing could be left out: this is its full compute.",
}
