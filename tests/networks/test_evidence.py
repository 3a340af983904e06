"""What tokens turn out to add to an answer, by hand, and a decider that learns to expect it."""

from __future__ import annotations

import torch
from torch import nn

from dynviz.networks.evidence import MOST, expectation_loss, worth

ADDS = torch.tensor([[3.0, 1.0, -1.0, -3.0], [0.0, 0.0, 2.0, -2.0]])  # of each token, to the first of two answers

EVERYWHERE = torch.ones(16, 12)


def answers(choices):
    first = (choices * ADDS).sum(dim=1) + 1  # the first is answered: 1 against 0
    return torch.stack([first, torch.zeros_like(first)], dim=1)


def test_evidence_by_hand():
    """The gradient is what each token adds, times a factor of its picture that standardising takes out again."""
    choices = torch.ones(2, 4, requires_grad=True)
    everywhere = torch.ones(2, 4)
    right = ADDS / ADDS.square().mean(dim=1, keepdim=True).sqrt()
    assert expectation_loss(answers(choices), [(choices, right, everywhere)]) < 1e-4
    wrong = expectation_loss(answers(choices), [(choices, -right, everywhere)])
    torch.testing.assert_close(wrong, torch.tensor(4.0), atol=1e-3, rtol=0)  # each is off by twice itself


def test_tokens_that_are_not_there_are_not_judged():
    choices = torch.ones(2, 4, requires_grad=True)
    there = torch.tensor([[1.0, 1.0, 0.0, 0.0]] * 2)
    expected = torch.tensor([[1.0, -1.0, 99.0, 99.0], [0.0, 0.0, 99.0, 99.0]])
    assert expectation_loss(answers(choices), [(choices, expected, there)]) < 1e-4


def test_one_token_counts_for_no_more_than_some_deviations():
    adds = torch.zeros(1, 64)
    adds[0, 0] = 50.0
    choices = torch.ones(1, 64, requires_grad=True)
    first = (choices * adds).sum(dim=1)
    logits = torch.stack([first * 0.02, torch.zeros(1)], dim=1)
    expected = torch.full((1, 64), -((1 / 63) ** 0.5))
    expected[0, 0] = MOST
    assert expectation_loss(logits, [(choices, expected, torch.ones(1, 64))]) < 1e-3


def test_worth_is_compared_within_a_picture():
    judged = torch.tensor([[[1.0], [3.0]], [[10.0], [10.0]]])
    assert worth(judged, torch.ones(2, 2))[..., 0].tolist() == [[-1.0, 1.0], [0.0, 0.0]]
    packed = worth(judged.flatten(0, 1), [2, 2])
    assert packed[..., 0].tolist() == [-1.0, 1.0, 0.0, 0.0]


def test_a_decider_learns_which_tokens_count():
    """Each token carries what it adds in its second number; straight lines suffice to expect it."""
    torch.manual_seed(0)
    judge = nn.Linear(3, 1, bias=False)
    optimizer = torch.optim.Adam(judge.parameters(), lr=0.1)
    for _ in range(100):
        tokens = torch.randn(16, 12, 3)
        choices = (torch.rand(16, 12) < 0.5).float().requires_grad_()
        first = (choices * tokens[..., 1]).sum(dim=1) + 30  # always the answer, and surely
        logits = torch.stack([first, torch.zeros(16)], dim=1)
        loss = expectation_loss(logits, [(choices, worth(judge(tokens), EVERYWHERE)[..., 0], EVERYWHERE)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    unseen = torch.randn(16, 12, 3)
    expected = worth(judge(unseen), EVERYWHERE)[..., 0]
    assert (expected.argmax(dim=1) == unseen[..., 1].argmax(dim=1)).float().mean() > 0.9
