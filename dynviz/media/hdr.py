"""HDR to what a usual screen shows: PQ and HLG recordings, in BT.2020's wide colours, as 8 bits of sRGB.

Read as if it were an ordinary video, an HDR one is pale and grey, and a network that learned from photos is lost on it.
Light is worked out by ITU-R BT.2100, brought to a white of 203 cd/m² (BT.2408) by the curve of BT.2390 (its EETF, on
the brightest channel, so that hues stay), and its colours to BT.709's primaries (BT.2087), cut off where they reach
beyond. FFmpeg's zscale, which others use for this, is not in PyAV's wheels.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

PQ, HLG = 16, 18  # ITU-T H.273, transfer characteristics
NAMES = {PQ: "PQ", HLG: "HLG"}
PEAK = 1000.0  # cd/m² of the recording; more is cut off
WHITE = 203.0  # cd/m² of white on the screen

_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
_LUMA = np.array([0.2627, 0.6780, 0.0593])
_GRID = 65  # values a colour of the table that pixels are looked up in; between them it is off by 9 of 255 at most


def to_sdr(signal: np.ndarray, transfer: int) -> np.ndarray:
    """(H, W, 3) uint8, full range R'G'B' in BT.2020's primaries -> (H, W, 3) uint8 sRGB. transfer: PQ or HLG."""
    return np.asarray(Image.fromarray(signal).filter(_table(transfer)))


@lru_cache(maxsize=2)
def _table(transfer: int) -> ImageFilter.Color3DLUT:
    value = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(value, value, value, indexing="ij")  # red runs fastest
    shown = _shown(np.stack([red, green, blue], axis=-1), transfer)
    return ImageFilter.Color3DLUT(_GRID, shown.ravel().astype(np.float32))


def _shown(signal: np.ndarray, transfer: int) -> np.ndarray:
    """(..., 3) a signal, 0..1, -> sRGB, 0..1."""
    light = _from_pq(signal) if transfer == PQ else _from_hlg(signal)
    brightest = light.max(axis=-1, keepdims=True)
    shown = (light * (_bent(brightest) / np.maximum(brightest, 1e-6) / WHITE)) @ _TO_709.T
    shown = shown.clip(0, 1)
    return np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)


def _bent(light: np.ndarray) -> np.ndarray:
    """cd/m² as recorded -> cd/m² up to WHITE."""
    peak, most = _to_pq(PEAK), _to_pq(WHITE) / _to_pq(PEAK)
    value = np.minimum(_to_pq(light) / peak, 1.0)
    knee = 1.5 * most - 0.5
    t = (value - knee) / (1 - knee)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return _from_pq(np.where(value < knee, value, bent) * peak)


def _from_hlg(signal: np.ndarray) -> np.ndarray:
    """Light in cd/m² of HLG's signal, 0..1, on a screen of PEAK: its system gamma is 1.2."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return PEAK * scene * (scene @ _LUMA)[..., None] ** 0.2


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def _from_pq(value: np.ndarray) -> np.ndarray:
    """Light in cd/m², 0..10,000, of PQ's signal, 0..1 (SMPTE ST 2084)."""
    root = np.asarray(value, dtype=np.float64) ** (1 / _M2)
    return 10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)


def _to_pq(light: np.ndarray | float) -> np.ndarray:
    root = (np.asarray(light, dtype=np.float64) / 10_000) ** _M1
    return ((_C1 + _C2 * root) / (1 + _C3 * root)) ** _M2
