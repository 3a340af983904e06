"""Sentences of every page."""

TEXT: dict[str, str] = {
    "app": "dynviz",
    "multiply-add": "A multiply-add is one multiplication and one addition: what compute is counted in.",
    "full-compute": "Its full compute is what a network takes when it leaves nothing out.",
    "network.static": "static",
    "loading": "Loading the network …",
    "looking": "Looking …",
    "queue": "Others are first. Your place in the queue: {place}.",
    "projector": "Projector",
    "projector.help": "Large type and high contrast, readable from the back row.",
    "error.network": "{title} cannot be used: {reason}. The other networks can.",
    "error.replay": "This trace file can be read but not drawn. Everything else on the page still works.",
    "error.failed.text": "Something went wrong while reading this text. Try another text or another network.",
    "error.failed.series": "Something went wrong while reading this recording. Try another one or another network.",
    "error.failed.video": "Something went wrong while looking at this video. Try another video or another network.",
    "error.failed": "Something went wrong while looking at this picture. Try another picture or another network.",
    "blind.above": "What it decides matters: at {macs} it is {gain} points above the best blind choice ({name}).",
    "blind.same": "What it decides is not shown to matter: at {macs} it is {gain} points from the best blind "
    "choice ({name}), no more than chance makes of {n} test inputs.",
    "blind.below": "What it decides is worse than chance: at {macs} the best blind choice ({name}) is {gain} "
    "points better.",
}
