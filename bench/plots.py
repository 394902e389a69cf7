"""The plots of docs/performance.md, of what bench/report has measured. The same figures give the same bytes."""

from __future__ import annotations

from pathlib import Path

from jobs import AXES, Results, median

__all__ = ["draw"]

_OURS, _RECORDED, _BARE = "#1f6f8b", "#8fbccc", "#99998f"
_NAMES = {
    "agents": "agents, busy",
    "idle": "agents, idle",
    "queues": "queues of others",
    "contacts": "contacts waiting",
    "choice": "queues of each agent",
    "centre": "all at once",
}


def _save(figure: object, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})  # type: ignore[attr-defined]


def _draw_run(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    workloads = {"w1": "W1", "w2": "W2", "w3": "W3", "w4over": "W4\ncrowd", "w4under": "W4\nidle"}
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, 2)
    for panel, figure_name, suffix, title in (
        (panels[0], "ns_per_arrival", "", "ns an arrival"),
        (panels[1], "instructions", "/instructions", "instructions an arrival"),
    ):
        bars = (("bare", _BARE, "bare loop"), ("koble", _OURS, "Koble"), ("recorded", _RECORDED, "with journal and digest"))
        for place, (who, colour, label) in enumerate(bars):
            found = [median(results, f"run/{w}/{who}{suffix}", figure_name) for w in workloads]
            at = [i + 0.27 * (place - 1) for i, value in enumerate(found) if value is not None]
            drawn = panel.bar(at, [value for value in found if value is not None], 0.25, color=colour, label=label)
            panel.bar_label(drawn, fmt="{:,.0f}", fontsize=6, padding=1)
        panel.set_xticks(range(len(workloads)), workloads.values())
        panel.set_title(title, loc="left", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylim(top=1.3 * panels[0].get_ylim()[1])  # the legend stands above all bars
    panels[0].legend(frameon=False, fontsize=8, loc="upper left", ncol=3, columnspacing=1)
    _save(figure, path)


def _draw_growth(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, 2)
    for panel, figure_name, suffix, title in (
        (panels[0], "instructions", "/instructions", "instructions a decision"),
        (panels[1], "median_ns", "", "ns a decision, median"),
    ):
        for axis in AXES:
            points = [(1000 * times, median(results, f"growth/{axis}/{times}{suffix}", figure_name)) for times in (1, 10, 100)]
            known = [(x, y) for x, y in points if y is not None]
            panel.plot([x for x, _ in known], [y for _, y in known], marker="o", markersize=3, linewidth=1.2, label=_NAMES[axis])
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_title(title, loc="left", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].legend(frameon=False, fontsize=8)
    _save(figure, path)


def _draw_w5(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    shares = {"median_ns": "median", "p90_ns": "90 %", "p99_ns": "99 %", "p999_ns": "99.9 %", "p9999_ns": "99.99 %"}
    figure = Figure(figsize=(6, 3), layout="constrained")
    panel = figure.subplots()
    found = [(median(results, "w5", name) or 0) / 1e3 for name in shares]
    spread = [[round_[name] / 1e3 for round_ in results.get("w5", [])] for name in shares]
    panel.bar(range(len(shares)), found, 0.55, color=_OURS)
    for place, values in enumerate(spread):
        panel.plot([place] * len(values), values, "_", color="black", markersize=9)
        panel.annotate(f"{found[place]:.1f}", (place, max(values)), ha="center", fontsize=8, xytext=(0, 4), textcoords="offset points")
    for place, target, must in ((0, 0.6, 2), (3, 2, 20)):
        panel.hlines(target, place - 0.4, place + 0.4, color="#2e7d32", linewidth=1.2)
        panel.hlines(must, place - 0.4, place + 0.4, color="#b3261e", linewidth=1.2)
    panel.set_yscale("log")
    panel.set_ylim(top=2 * max(found))
    panel.set_xticks(range(len(shares)), shares.values())
    panel.set_title("W5: us a decision; dashes: the rounds; green: target, red: must", loc="left", fontsize=9)
    panel.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def draw(results: Results, folder: Path) -> list[str]:
    """Those of which something was measured; their names."""
    drawn = []
    for name, make in (("run", _draw_run), ("growth", _draw_growth), ("w5", _draw_w5)):
        if any(key.split("/")[0] == name and rounds for key, rounds in results.items()):
            make(results, folder / f"performance-{name}.png")
            drawn.append(f"performance-{name}.png")
    return drawn
