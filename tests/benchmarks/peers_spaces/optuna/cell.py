"""Loops and shared values are those of Python."""


def space(trial):
    cell = []
    for i in range(3):
        source = trial.suggest_int(f"input{i}", 0, i)
        cell.append((source, trial.suggest_categorical(f"op{i}", ["conv3", "conv5", "pool", "skip"])))
    stages = trial.suggest_int("stages", 2, 4)
    widths = [trial.suggest_categorical(f"width{i}", [16, 32, 64]) for i in range(stages)]
    return [{"width": width, "cell": cell} for width in widths]


# Mistake: 0, i) -> 1, i)
