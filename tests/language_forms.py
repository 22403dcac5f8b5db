"""Programs with lists, tuples, records, recursion, templates, and modules among the arguments of modules.

Each has the number of its configurations, counted by hand from the program, and is fitted to classes or numbers.
"""

CLASSES = {
    "stacking of a comprehension": (
        12,
        """
def base(d) = DecisionTreeClassifier(max_depth = d) | GaussianNB()
space s = StackingClassifier(
  estimators = [base(d) for d in [2, 3, 4] if d != 3], final_estimator = LogisticRegression(C = 0.1 | 1.0)?)
""",
    ),
    "voting of pairs": (
        8,
        """
let tree = DecisionTreeClassifier(max_depth = 2..3)
space s = VotingClassifier(
  estimators = [("tree", tree), ("bayes", GaussianNB()), ("both", StandardScaler()? >> tree)],
  voting = "hard" | "soft",
)
""",
    ),
    "voting of a list made by recursion": (
        4,
        """
def grow(k) = [] if k == 0 else grow(k - 1) + [DecisionTreeClassifier(max_depth = k)?, GaussianNB()]
space s = VotingClassifier(estimators = grow(2))
""",
    ),
    "voting of labelled": (
        6,
        """
space s = VotingClassifier(
  estimators = [a: GaussianNB(), b: (StandardScaler() >> LogisticRegression()) | KNeighborsClassifier()],
  weights = (1..2, 1)?)
""",
    ),
    "voting subset": (
        9,
        """
space s = VotingClassifier(
  estimators = subset(1..2, [GaussianNB(), LogisticRegression(), KNeighborsClassifier(n_neighbors = 3 | 5)]))
""",
    ),
    "voting permute slice": (
        6,
        """
let order = permute(GaussianNB(), LogisticRegression(), KNeighborsClassifier())
space s = VotingClassifier(estimators = order[:2] + order[2:])
""",
    ),
    "bagging": (
        4,
        """
space s = BaggingClassifier(
  estimator = StandardScaler()? >> (LogisticRegression() | DecisionTreeClassifier(max_depth = 2)),
  n_estimators = 3,
)
""",
    ),
    "adaboost": (
        3,
        """
space s = AdaBoostClassifier(estimator = DecisionTreeClassifier(max_depth = 1..2)?, n_estimators = 3)
""",
    ),
    "calibrated": (
        4,
        """
space s = CalibratedClassifierCV(
  estimator = LinearSVC() | GaussianNB(),
  method = "sigmoid" | "isotonic",
  cv = 2,
)
""",
    ),
    "one vs rest": (
        4,
        """
space s = OneVsRestClassifier(estimator = PCA(n_components = 2)? >> LogisticRegression())
  | OneVsOneClassifier(estimator = LinearSVC()) | OutputCodeClassifier(estimator = GaussianNB())
""",
    ),
    "grid search": (
        2,
        """
space s = GridSearchCV(
  estimator = LogisticRegression(),
  param_grid = {"C": [0.1, 1.0], "penalty": ["l2"]},
  cv = 2 | 3,
)
""",
    ),
    "random search nested": (
        2,
        """
space s = HalvingGridSearchCV(
  estimator = DecisionTreeClassifier(),
  param_grid = {"max_depth": [1, 2..3]},
  cv = 2,
)
""",
    ),
    "select from model": (
        8,
        """
def linear() = LogisticRegression(C = 0.1 | 1.0)
space s = SelectFromModel(estimator = linear() | DecisionTreeClassifier(), max_features = 2)? >> linear()
""",
    ),
    "rfe": (
        2,
        """
let inner = DecisionTreeClassifier(max_depth = 2..3)
space s = RFE(estimator = inner, n_features_to_select = 2) >> inner
""",
    ),
    "sequential": (
        1,
        """
space s =
  SequentialFeatureSelector(estimator = GaussianNB(), n_features_to_select = 2, cv = 2)
  >> KNeighborsClassifier()
""",
    ),
    "columns in stack": (
        4,
        """
def some(names) =
  columns {
    names => StandardScaler()?
    rest  => drop
  }
  >> LogisticRegression()
space s = StackingClassifier(
  estimators = [some([n]) for n in ["c0", "c1"]] + [GaussianNB()],
  final_estimator = LogisticRegression(),
)
""",
    ),
    "union in argument": (
        2,
        """
space s = BaggingClassifier(
  estimator = (PCA(n_components = 1) & SelectKBest(k = 1..2)) >> GaussianNB(),
  n_estimators = 2,
)
""",
    ),
    "templates as arguments": (
        3,
        """
def wrapped(scaler, model, C = 1.0) = scaler() >> model(C = C)
space s = wrapped(StandardScaler, LogisticRegression) | wrapped(MinMaxScaler, LinearSVC, C = 0.1 | 2.0)
""",
    ),
    "def as argument": (
        4,
        """
def twice(f, x) = f(x) >> f(x)
def scale(n) = PCA(n_components = n) | SelectKBest(k = n)
space s = twice(scale, 2) >> GaussianNB()
""",
    ),
    "let of models": (
        6,
        """
let head(scaler) = scaler >> (LogisticRegression(C = 0.1 | 1.0) | GaussianNB())
space s = VotingClassifier(
  estimators = [head(StandardScaler()), head(pass), head(MinMaxScaler() | RobustScaler())],
)
""",
    ),
    "let with a part of items": (
        3,
        """
let some(xs) = subset(1..2, xs)
space s = VotingClassifier(
  estimators = some([GaussianNB(), LogisticRegression()])
    + some([DecisionTreeClassifier(max_depth = 2), LinearSVC()]))
""",
    ),
    "let that orders steps": (
        2,
        """
let both(a, b) = permute(a, b)
space s =
  both(StandardScaler(), PCA(n_components = 2))
  >> both(SelectKBest(k = 2), MinMaxScaler())
  >> GaussianNB()
""",
    ),
    "let that repeats": (
        6,
        """
let deep(x) = repeat(1..2, x | PCA(n_components = 2))
space s = (deep(StandardScaler()) & deep(MinMaxScaler())) >> GaussianNB()
""",
    ),
    "let in a def in a let": (
        4,
        """
def pair(k) = { let f(x) = x | PCA(n_components = k) return f(StandardScaler()) >> f(MinMaxScaler()) }
let again(k) = pair(k)
space s = (again(2) & again(1) & pair(2)) >> GaussianNB()
""",
    ),
    "dict values": (
        4,
        """
let heavy = 1 | 5
space s = LogisticRegression(class_weight = {0: 1, 1: heavy, 2: heavy * 2} | "balanced" | None)
""",
    ),
    "dict spread": (
        4,
        """
def common(n) = {"max_depth": 2..3, "min_samples_leaf": n}
space s = DecisionTreeClassifier(**common(1)) | ExtraTreeClassifier(**common(2), max_features = 1)
""",
    ),
    "record read": (
        4,
        """
let shared = record(depth = 2..3, leaf = 1 | 2)
space s = DecisionTreeClassifier(max_depth = shared.depth, min_samples_leaf = shared["leaf"])
""",
    ),
    "tuple index": (
        4,
        """
let pair = (1 | 2, 2..3)
space s = DecisionTreeClassifier(min_samples_leaf = pair[0], max_depth = pair[1], max_features = pair[-1])
""",
    ),
    "list of list": (
        2,
        """
def layers(k, n) = [] if k == 0 else [n] + layers(k - 1, n)
space s = PCA(n_components = len(layers(2, 1))) >> GaussianNB(priors = [1 / 3 for i in 1..3]?)
""",
    ),
    "column transformer": (
        2,
        """
space s =
  ColumnTransformer(
    transformers = [
      ("a", StandardScaler() | MinMaxScaler(), ["c0", "c1"]),
      ("b", "passthrough", ["c2"]),
    ],
  )
  >> GaussianNB()
""",
    ),
    "pipeline class": (
        2,
        """
space s = Pipeline(steps = [("a", StandardScaler()), ("b", GaussianNB() | LogisticRegression())])
""",
    ),
    "feature union class": (
        2,
        """
space s =
  FeatureUnion(transformer_list = [("a", StandardScaler()), ("b", PCA(n_components = 1..2))])
  >> GaussianNB()
""",
    ),
    "any all sum": (
        4,
        """
let parts = [1 | 2, 2 | 3]
space s = DecisionTreeClassifier(
  max_depth = sum(parts), min_samples_leaf = max(parts) if any([p > 2 for p in parts]) else min(1, 2))
""",
    ),
    "comprehension of lets": (
        4,
        """
space s = VotingClassifier(
  estimators = [
    {
      let c = 0.1 | 1.0
      return LogisticRegression(C = c)
    }
    for i in 1..2
  ],
)
""",
    ),
    "columns in argument": (
        2,
        """
space s = VotingClassifier(estimators = [
  columns { numeric => StandardScaler() | MinMaxScaler()
            rest => drop } >> LogisticRegression(),
  GaussianNB()])
""",
    ),
}
NUMBERS = {
    "ttr": (
        18,
        """
space s = TransformedTargetRegressor(
  regressor = StandardScaler()? >> (Ridge(alpha = 0.1 | 1.0) | KNeighborsRegressor()),
  transformer = (StandardScaler() | QuantileTransformer(n_quantiles = 10))?)
""",
    ),
    "ttr functions": (
        2,
        """
space s = TransformedTargetRegressor(regressor = Ridge() | Lasso(), func = log1p, inverse_func = expm1)
""",
    ),
    "multi": (
        3,
        """
space s =
    BaggingRegressor(
      estimator = TransformedTargetRegressor(regressor = Ridge(alpha = 0.1 | 1.0)),
      n_estimators = 2,
    )
  | RANSACRegressor(estimator = Ridge(), min_samples = 20)
""",
    ),
    "voting regress": (
        4,
        """
def model(k) = (Ridge(alpha = k) | Lasso(alpha = k)) if k < 2 else KNeighborsRegressor(n_neighbors = k)
space s = VotingRegressor(estimators = [model(k) for k in 1..3 step 2], weights = [1, 2]?)
""",
    ),
    "stack of stacks": (
        4,
        """
def stack(n) =
  Ridge() if n == 0
  else StackingRegressor(
         estimators = [stack(n - 1), Lasso(alpha = 0.1 | 1.0)],
         final_estimator = Ridge(),
         cv = 2,
       )
space s = stack(2)
""",
    ),
    "mlp tuples": (
        5,
        """
let width = 4 | 8
space s = StandardScaler() >> MLPRegressor(hidden_layer_sizes = (width, width) | (width,) | 5, max_iter = 5)
""",
    ),
    "mlp repeat": (
        6,
        """
space s = StandardScaler() >> MLPRegressor(hidden_layer_sizes = repeat(1..2, 4..5), max_iter = 5)
""",
    ),
    "let whose default is decided once": (
        2,
        """
let scaled(m, s = StandardScaler() | MinMaxScaler()) = s >> m
space s = VotingRegressor(
  estimators = [scaled(Ridge()), scaled(KNeighborsRegressor()), scaled(Lasso(), s = pass)],
)
""",
    ),
    "let with a seat for a template": (
        2,
        """
let over(model) = model(alpha = 0.1 | 1.0)
space s = VotingRegressor(estimators = [over(Ridge), over(Lasso)])
""",
    ),
    "let under conditions": (
        3,
        """
let n = 1..3
let model(a) = (Ridge(alpha = a) | Lasso(alpha = a)) if n > 1 else KNeighborsRegressor()
require n < 3
space s = VotingRegressor(estimators = [model(0.1), PCA(n_components = n) >> model(1.0)])
""",
    ),
}
