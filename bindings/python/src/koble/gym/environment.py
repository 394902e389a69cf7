"""The environments: one world, or many with one crossing a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

try:
    import gymnasium
    from gymnasium import spaces
    from gymnasium.vector import AutoresetMode, VectorEnv
except ModuleNotFoundError as missing:  # pragma: no cover
    from ..errors import KobleError

    raise KobleError(f"koble.gym needs {missing.name}: pip install 'koble[gym]'") from None

from ..errors import ArgumentError
from ..lab import Study
from .centre import Batch, Costs, DecisionCentre

__all__ = ["KobleEnv", "KobleVectorEnv"]

_OPEN = 0
#: A float32 that no observation reaches: contacts, seconds and hours.
_MOST = np.float32(1e12)


def _spaces(centre: DecisionCentre) -> tuple[spaces.Box, spaces.Discrete[Any]]:
    return spaces.Box(0, _MOST, (centre.observed,), np.float32), spaces.Discrete(centre.actions)


def _checked(illegal: str) -> str:
    if illegal not in ("defer", "raise"):
        raise ArgumentError(f'illegal: is {illegal!r}; write "defer" or "raise"')
    return illegal


def _legal(batch: Batch, actions: Any, illegal: str) -> tuple[Any, Any]:
    """The actions as they are given, and which were not legal."""
    rows = np.arange(len(actions))
    known = (actions >= 0) & (actions < batch.centre.actions)
    wrong = ~(known & (batch.masks[rows, np.where(known, actions, 0)] == 1))
    return (actions if illegal == "raise" else np.where(wrong, batch.centre.defer, actions).astype(np.int32)), wrong


class KobleEnv(gymnasium.Env[Any, Any]):
    """One world at a time. An episode is a replication of the study: its number is the episode's, counted from a start that ``reset(seed=)``
    draws, or exactly ``reset(options={"replication": 7})``.

    Observation: :meth:`DecisionCentre.names` says which number is what. ``info["action_mask"]`` has 1 for what is legal. An action that is
    not counts as to defer, and ``info["illegal"]`` says so; with ``illegal="raise"`` it raises :class:`koble.ArgumentError`, and nothing has
    happened. ``info["reward_before"]`` of a reset is what was earned before the first decision. ``info["elapsed_s"]`` is the time since the last decision, over which
    the reward is the (discounted) integral: a semi-Markov process, so discount the *next* value by ``exp(-beta elapsed)``. At the study's
    horizon an episode is truncated; it terminates where nothing more can happen.
    """

    metadata = {"render_modes": []}

    def __init__(self, study: Study | Mapping[str, Any] | DecisionCentre, costs: Costs | None = None, *, illegal: str = "defer") -> None:
        self.centre = study if isinstance(study, DecisionCentre) else DecisionCentre(study, costs or Costs())
        self.illegal = _checked(illegal)
        self.observation_space, self.action_space = _spaces(self.centre)
        self._batch = Batch(self.centre, 1)
        self._next = 0

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self._batch.masks[0].astype(np.int8), "elapsed_s": float(self._batch.elapsed_s[0])}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        if seed is not None:
            self._next = int(self.np_random.integers(2**31))
        if options and "replication" in options:
            self._next = int(options["replication"])
        self._batch.begin([0], [self._next])
        self._next += 1
        return self._batch.observations[0].copy(), {**self._info(), "reward_before": float(self._batch.rewards[0])}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self._batch.episodes[0] is None:
            raise ArgumentError("reset() the environment first")
        given, wrong = _legal(self._batch, np.array([action], np.int32), self.illegal)
        self._batch.act(given)
        state = int(self._batch.states[0])
        info = {**self._info(), "illegal": bool(wrong[0])}
        return self._batch.observations[0].copy(), float(self._batch.rewards[0]), state == 2, state == 1, info


class KobleVectorEnv(VectorEnv[Any, Any, Any]):
    """Many worlds, answered by one call into the library a step. An episode that has ended begins anew within the same step (autoreset
    mode SAME_STEP): ``infos["final_obs"]`` has its last observation. World i plays replications i, i + n, i + 2n ... from a start that
    ``reset(seed=)`` draws."""

    def __init__(self, study: Study | Mapping[str, Any] | DecisionCentre, costs: Costs | None = None, num_envs: int = 8, *, illegal: str = "defer") -> None:
        self.centre = study if isinstance(study, DecisionCentre) else DecisionCentre(study, costs or Costs())
        self.illegal = _checked(illegal)
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = _spaces(self.centre)
        self.observation_space = spaces.Box(0, _MOST, (num_envs, self.centre.observed), np.float32)
        self.action_space = spaces.MultiDiscrete(np.full(num_envs, self.centre.actions))
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self._batch = Batch(self.centre, num_envs)
        self._next = 0

    def _numbers(self, count: int) -> list[int]:
        self._next += count
        return list(range(self._next - count, self._next))

    def _infos(self) -> dict[str, Any]:
        return {"action_mask": self._batch.masks.astype(np.int8), "elapsed_s": self._batch.elapsed_s.copy()}

    def reset(self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        if isinstance(seed, list):
            raise ArgumentError("one seed serves all worlds; give a number")
        super().reset(seed=seed)
        if seed is not None:
            self._next = int(self.np_random.integers(2**31))
        if options and "replication" in options:
            self._next = int(options["replication"])
        self._batch.begin(list(range(self.num_envs)), self._numbers(self.num_envs))
        return self._batch.observations.copy(), {**self._infos(), "reward_before": self._batch.rewards.copy()}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        if any(episode is None for episode in self._batch.episodes):
            raise ArgumentError("reset() the environments first")
        given, wrong = _legal(self._batch, np.asarray(actions, np.int32), self.illegal)
        self._batch.act(given)
        rewards, states = self._batch.rewards.copy(), self._batch.states.copy()
        elapsed = self._batch.elapsed_s.copy()
        ended = np.flatnonzero(states != _OPEN)
        last = self._batch.observations[ended].copy()
        if len(ended):
            self._batch.begin(ended.tolist(), self._numbers(len(ended)))
        infos = {**self._infos(), "elapsed_s": elapsed, "illegal": wrong}
        if len(ended):
            final = np.full(self.num_envs, None, object)
            for row, observation in zip(ended, last, strict=True):
                final[row] = observation
            infos |= {"final_obs": final, "_final_obs": states != _OPEN, "reward_before": self._batch.rewards.copy()}
        return self._batch.observations.copy(), rewards, states == 2, states == 1, infos
