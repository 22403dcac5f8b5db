"""Each range begins above the last value and leaves room for the rest, which makes low chains rare."""


def space(trial):
    values = [0]
    for i in range(1, 9):
        values.append(trial.suggest_int(f"t{i}", values[-1] + 1, 2 + i))
    return values[1:]


# Mistake: 2 + i -> i - 1
