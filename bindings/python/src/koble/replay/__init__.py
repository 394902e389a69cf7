"""Replaying a call-by-call record: what another plan would have made of the same customers (docs/replay.md).

A record is censored: who was served does not tell how long he would have waited, who hung up not how long he would have
talked, and hardly any record tells when the agents were there. What is missing is imputed, several times, and the
replay of the centre's own rule is calibrated on other days before anything is compared with it.
"""

from __future__ import annotations

__all__: list[str] = []
