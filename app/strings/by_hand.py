"""Sentences of the live view about single decisions: what one cost, how often it is taken so, and taking it by hand."""

TEXT: dict[str, str] = {
    "pick.hint": "Pick a part of it: what it costs, its score, how often it is used; and switch it by hand.",
    "pick.hint.plain": "Pick a part of it: what it costs and its score.",
    "pick.close": "Close",
    # the gaps of the next two are filled in the browser
    "pick.use": "In the tests at this budget it ran for «class» of “«label»” and for «all» of everything.",
    "pick.use.all": "In the tests at this budget it ran for «all» of everything.",
    "pick.use.load": "Line below: how often it ran in the tests at this budget.",
    "pick.waits": "Running …",
    "hand.reset": "Back to its own decisions",
    "hand.same": "By hand ({count}): still {answer}, now for {macs} multiply-adds; left alone it took {own_macs}.",
    "hand.same.cost": "By hand ({count}): still {answer}, for as many multiply-adds as left alone, {macs}.",
    "hand.other": "By hand ({count}): {answer} for {macs} multiply-adds. Left alone it said {own} for {own_macs}.",
    "hand.failed": "the network failed",
    "hand.not": "This could not be done by hand: {reason}",
}
