"""The networks, one file each. This table is the only place that names them; importing it imports no network.

Those of other packages register under the entry-point group ``dynviz.networks``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynviz.registry import Registry

if TYPE_CHECKING:
    from torch import nn

_TABLE: dict[str, str] = {
    "resnet": "dynviz.networks.static.resnet:ResNet",
    "efficientnet-lite": "dynviz.networks.static.efficientnet_lite:EfficientNetLite",
    "vit": "dynviz.networks.static.vit:ViT",
    "lstm": "dynviz.networks.static.lstm:LSTMReader",
    "transformer": "dynviz.networks.static.transformer:Transformer",
    "early-reader": "dynviz.networks.temporal_wise.early_reader:EarlyReader",
    "token-pruning": "dynviz.networks.temporal_wise.token_pruning:TokenPruning",
    "pabee": "dynviz.networks.sample_wise.pabee:Pabee",
    "deebert": "dynviz.networks.sample_wise.pabee:DeeBert",
    "skim-rnn": "dynviz.networks.temporal_wise.skim_rnn:SkimRNN",
    "skip-rnn": "dynviz.networks.temporal_wise.skip_rnn:SkipRNN",
    "lstm-jump": "dynviz.networks.temporal_wise.lstm_jump:LSTMJump",
    "hm-rnn": "dynviz.networks.temporal_wise.hm_rnn:HMRNN",
    "cascade": "dynviz.networks.sample_wise.cascade:Cascade",
    "ranet": "dynviz.networks.spatial_wise.ranet:RANet",
    "resolution-cascade": "dynviz.networks.spatial_wise.resolution_cascade:ResolutionCascade",
    "glance-crop": "dynviz.networks.spatial_wise.glance_crop:GlanceCrop",
    "glance-focus": "dynviz.networks.spatial_wise.glance_focus:GlanceFocus",
    "stn": "dynviz.networks.spatial_wise.stn:SpatialTransformer",
    "deformable": "dynviz.networks.spatial_wise.deformable:DeformableResNet",
    "drnet": "dynviz.networks.spatial_wise.drnet:DRNet",
    "dynconv": "dynviz.networks.spatial_wise.dynconv:DynConv",
    "sact": "dynviz.networks.spatial_wise.sact:SACT",
    "vit-tokens": "dynviz.networks.spatial_wise.vit_tokens:ViTTokens",
    "a-vit": "dynviz.networks.spatial_wise.a_vit:AViT",
    "tome": "dynviz.networks.spatial_wise.tome:ToMe",
    "skipnet": "dynviz.networks.sample_wise.skipnet:SkipNet",
    "blockdrop": "dynviz.networks.sample_wise.blockdrop:BlockDrop",
    "act-resnet": "dynviz.networks.sample_wise.act_resnet:ACTResNet",
    "channel-gating": "dynviz.networks.sample_wise.channel_gating:ChannelGating",
    "senet": "dynviz.networks.sample_wise.senet:SENet",
    "condconv": "dynviz.networks.sample_wise.condconv:CondConv",
    "mixture-of-experts": "dynviz.networks.sample_wise.mixture_of_experts:MixtureOfExperts",
    "routing-supernet": "dynviz.networks.sample_wise.routing_supernet:RoutingSupernet",
    "msdnet": "dynviz.networks.sample_wise.msdnet:MSDNet",
    "frames-mean": "dynviz.networks.video.frames_mean:FramesMean",
    "uniform-frames": "dynviz.networks.video.frames_mean:UniformFrames",
    "frames-gru": "dynviz.networks.video.frames_gru:FramesGRU",
    "frameexit": "dynviz.networks.video.frameexit:FrameExit",
    "ar-net": "dynviz.networks.video.ar_net:ARNet",
    "scsampler": "dynviz.networks.video.scsampler:SCSampler",
    "lite-eval": "dynviz.networks.video.lite_eval:LiteEval",
    "adafocus": "dynviz.networks.video.adafocus:AdaFocus",
    "adaframe": "dynviz.networks.video.adaframe:AdaFrame",
}

NETWORKS = Registry("dynviz.networks", "network", _TABLE)


def build(network: str, arguments: dict[str, Any]) -> nn.Module:
    """An untrained network from its name and the constructor arguments that its card holds.

    Raises KeyError for an unknown name, ``contract.ContractError`` for a class that is no such network.
    """
    from dynviz.networks.contract import check

    made = NETWORKS[network](**arguments)
    check(made, network)
    return made


def ready(network: nn.Module) -> nn.Module:
    """A trained network, ready for inference in place: normalisation folded, weights laid out for the processor."""
    import torch

    from dynviz.networks.blocks import fold_batchnorm
    from dynviz.networks.contract import Packable

    fold_batchnorm(network)
    for part in network.modules():
        if isinstance(part, Packable):
            part.pack()
    # channels_last: convolutions on a CPU run about a fifth faster in it
    return network.to(memory_format=torch.channels_last).eval().requires_grad_(False)
