"""Which tokens of a picture the answer rests on, and how a decider learns to tell them beforehand.

To first order, what a token's presence adds to the answer is the gradient of what is answered with respect to that
presence (Molchanov et al. 2017, "Pruning Convolutional Neural Networks for Resource Efficient Inference", section 2.2,
for channels; here for the tokens of one picture). It is known only after the fact. On 1,024 validation photos, an even
half, a third and a quarter of the tokens answer 83, 81 and 80 % right, those with the most evidence 83, 83 and 83 %.
Deciders that learned from straight-through gradients alone did worse than an even pattern, so they are shown the
evidence itself and learn to expect it. What cannot be told beforehand is expected to be average, and then the even
pattern decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dynviz.networks.encoder import Layout
from dynviz.networks.picked import means, standardised

WORTH = 2.5  # logits for each standard deviation of expected evidence; the even pattern's own is 1.8
MOST = 3.0  # standard deviations of evidence that a single token may count for


def worth(judged: Tensor, layout: Layout) -> Tensor:
    """(..., 1), the evidence expected of each token -> how far it is from its picture's mean, same shape, float32."""
    judged = judged.float()
    return judged - means(judged, layout)


def expectation_loss(logits: Tensor, decisions: Sequence[tuple[Tensor, Tensor, Tensor]]) -> Tensor:
    """The mean squared distance of the evidence that was expected of tokens from the evidence that there was.

    logits: (N, classes), the answers. decisions: of each, the choices (N, T), 0 or 1, that the answers were computed
    with; what was expected (N, T), in standard deviations from the picture's mean; and (N, T) which tokens were there.
    """
    best, logits = logits.argmax(dim=1, keepdim=True), logits.float()
    others = logits.scatter(1, best, -torch.inf).logsumexp(dim=1)
    odds = logits.gather(1, best)[:, 0] - others  # of the answer; unlike its probability they do not level off
    found = torch.autograd.grad(odds.sum(), [choices for choices, _, _ in decisions], retain_graph=True)
    loss = logits.new_zeros(())
    for evidence, (_, expected, present) in zip(found, decisions, strict=True):
        there = present.float()
        target = standardised(evidence[..., None], there)[..., 0].clamp(-MOST, MOST)
        loss = loss + ((expected - target).square() * there).sum() / there.sum().clamp(min=1) / len(decisions)
    return loss
