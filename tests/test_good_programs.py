"""Programs that a user of scikit-learn would write: the checker has nothing against them."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import make

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.driver import check_file, check_source
from hyperdsl.source import Source

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.hyp"))
# Programs are separated by a line of dashes.
PROGRAMS = """
space s = VotingClassifier(estimators = [a: LogisticRegression(C = 1e-3..1e3 log), b: GaussianNB()],
  voting = "soft" | "hard")
---
space s = VotingClassifier(estimators = [LogisticRegression(), SVC(probability = True)], weights = [1, 2])
---
space s = StackingClassifier(estimators = [a: RandomForestClassifier(n_estimators = 50..200), b: LinearSVC()],
  final_estimator = LogisticRegression(), cv = 3 | 5, passthrough = True | False)
---
space s = StackingRegressor(estimators = [Ridge(), Lasso(alpha = 0.01..1.0 log)],
  final_estimator = GradientBoostingRegressor())
---
space s = BaggingClassifier(estimator = DecisionTreeClassifier(max_depth = 2..8), n_estimators = 10..50,
  max_samples = 0.1..1.0)
---
space s = BaggingRegressor(estimator = StandardScaler() >> KNeighborsRegressor(), max_samples = 10..50)
---
space s = CalibratedClassifierCV(estimator = LinearSVC(C = 0.1..10.0 log), method = "sigmoid" | "isotonic", cv = 3)
---
space s = AdaBoostClassifier(estimator = DecisionTreeClassifier(max_depth = 1..3), learning_rate = 0.01..2.0 log)
---
space s = OneVsRestClassifier(estimator = LogisticRegression(solver = "liblinear")) |
  OneVsOneClassifier(estimator = SVC())
---
space s = RFE(estimator = LogisticRegression(), n_features_to_select = 2..5, step = 1 | 0.5) >> SVC()
---
space s = RFECV(estimator = RandomForestClassifier(n_estimators = 20), min_features_to_select = 2, cv = 3) >> SVC()
---
space s = RFE(estimator = LogisticRegression())
---
space s = SelectFromModel(estimator = Lasso(alpha = 0.01), threshold = "mean" | "median" | -1e9,
  max_features = 3 | None) >> Ridge()
---
space s = TransformedTargetRegressor(regressor = Ridge(),
  transformer = QuantileTransformer(output_distribution = "normal"))
---
space s = TransformedTargetRegressor(regressor = StandardScaler() >> Ridge(), func = log1p, inverse_func = expm1)
---
space s = FunctionTransformer(func = log1p, validate = True) >> Ridge()
---
space s = FunctionTransformer(log1p | sqrt) >> Ridge()
---
space s = IterativeImputer(estimator = BayesianRidge() | ExtraTreesRegressor(n_estimators = 10),
  max_iter = 5..20) >> Ridge()
---
space s = GaussianProcessRegressor(kernel = RBF(length_scale = 0.1..10.0 log) | Matern(nu = 0.5 | 1.5 | 2.5))
---
space s = GaussianProcessRegressor(kernel = Sum(k1 = Product(k1 = ConstantKernel(), k2 = RBF()),
  k2 = WhiteKernel()))
---
space s = GaussianProcessClassifier(kernel = RBF(1.0), n_restarts_optimizer = 0..3)
---
space s = GaussianProcessRegressor(kernel = RBF(length_scale_bounds = (1e-2, 1e2)), alpha = 1e-10)
---
space s = MinMaxScaler(feature_range = (0, 1) | (-1, 1)) >> KNeighborsClassifier(n_neighbors = 1..30,
  p = 1 | 2, metric = "minkowski")
---
space s = RobustScaler(quantile_range = (25.0, 75.0) | (10, 90)) >> Ridge()
---
space s = TfidfVectorizer(ngram_range = (1, 1) | (1, 2), min_df = 1..5, max_df = 0.5..1.0,
  sublinear_tf = True | False) >> LogisticRegression()
---
space s = CountVectorizer(stop_words = "english" | None) >> TfidfTransformer() >> MultinomialNB(alpha =
  0.01..1.0 log)
---
space s = MLPClassifier(hidden_layer_sizes = (64,) | (64, 32), activation = "relu" | "tanh", solver = "adam",
  learning_rate_init = 1e-4..1e-2 log)
---
space s = MLPRegressor(hidden_layer_sizes = [16..64 step 16, 8], early_stopping = true)
---
space s = HistGradientBoostingClassifier(max_leaf_nodes = 15..63 | None, learning_rate = 0.01..0.3 log,
  l2_regularization = 0.0..1.0, max_bins = 64 | 128 | 255)
---
space s = HistGradientBoostingRegressor(loss = "squared_error" | "absolute_error" | "poisson",
  monotonic_cst = [0, 1, -1])
---
space s = RandomForestClassifier(n_estimators = 100..500 step 100, max_depth = 2..20 | None,
  max_features = "sqrt" | "log2" | 0.3..1.0, class_weight = None | "balanced" | {0: 1, 1: 5}, n_jobs = 2,
  random_state = 0)
---
space s = ExtraTreesRegressor(min_samples_split = 2..10, min_samples_leaf = 1..5 | 0.1, bootstrap = True | False)
---
space s = GradientBoostingClassifier(subsample = 0.5..1.0, init = LogisticRegression() | None, n_iter_no_change = 5)
---
space s = SVC(C = 1e-2..1e3 log, kernel = "rbf" | "poly", degree = 2..4,
  gamma = "scale" | "auto" | 1e-4..1.0 log, class_weight = "balanced")
---
space s = SGDClassifier(loss = "hinge" | "log_loss", penalty = "l2" | "elasticnet", l1_ratio = 0.0..1.0,
  alpha = 1e-6..1e-1 log, learning_rate = "optimal" | "adaptive", eta0 = 0.01)
---
space s = LogisticRegression(penalty = "l2" | None, C = 1)
---
space s = LogisticRegression(l1_ratio = 0 | 0.5 | 1, solver = "saga", max_iter = 1_000, tol = 1e-4)
---
space s = LogisticRegressionCV(Cs = 10 | [0.1, 1.0, 10.0], cv = 3)
---
space s = RidgeCV(alphas = [0.1, 1.0, 10.0]) | LassoCV(eps = 1e-3) | ElasticNetCV(l1_ratio = [0.1, 0.5, 0.9])
---
space s = SplineTransformer(n_knots = 4..10, degree = 2 | 3, knots = "uniform" | "quantile") >> Ridge(alpha = 1)
---
space s = PolynomialFeatures(degree = 2 | (1, 2), interaction_only = True) >> Ridge()
---
space s = KBinsDiscretizer(n_bins = 3..10, encode = "onehot-dense",
  strategy = "uniform" | "quantile" | "kmeans") >> LogisticRegression()
---
space s = SelectKBest(score_func = f_classif | mutual_info_classif | chi2, k = 2..10 | "all") >> GaussianNB()
---
space s = SelectPercentile(f_regression, percentile = 10.0..100.0) >> Ridge()
---
space s = (PCA(n_components = 2..5) & SelectKBest(k = 1..3) & pass) >> SVC()
---
space s = (PCA(n_components = "mle" | 0.95,
  whiten = True | False) | TruncatedSVD(n_components = 2) | FastICA() | NMF() | KernelPCA(kernel = "rbf")) >>
  LogisticRegression()
---
space s = LinearDiscriminantAnalysis(solver = "lsqr",
  shrinkage = "auto" | 0.0..1.0) | QuadraticDiscriminantAnalysis(reg_param = 0.0..1.0)
---
space s = LinearDiscriminantAnalysis(n_components = 2) >> KNeighborsClassifier()
---
space s = Nystroem(kernel = "rbf" | "poly", gamma = 0.01..1.0 log,
  n_components = 50..100) >> LinearSVC(dual = "auto")
---
space s = KMeans(n_clusters = 3..8) >> LogisticRegression()
---
space s = IsolationForest(contamination = "auto" | 0.01..0.1)
---
space s = SimpleImputer(strategy = "constant", fill_value = 0 | -1, missing_values = -999) >> Ridge()
---
space s = KNNImputer(n_neighbors = 2..10, weights = "uniform" | "distance") >> Ridge()
---
space s = columns { numeric => StandardScaler()?
 categorical => OneHotEncoder(drop = "first" | None, sparse_output = False) | OrdinalEncoder(categories = "auto")
 text => drop
 rest => pass } >> Ridge()
---
space s = ColumnTransformer(transformers = [("num", StandardScaler(), ["a", "b"])],
  remainder = "passthrough") >> Ridge()
---
space s = columns { "age", "income" => StandardScaler()
 regex("x_.*") => MinMaxScaler()
 dtype("int64") => pass
 rest => drop } >> Ridge()
---
let cols = ["a", "b"]
space s = columns { cols => StandardScaler()
 rest => drop } >> Ridge()
---
space s = LGBMClassifier(num_leaves = 15..255 log, min_child_samples = 5..100, feature_fraction = 0.5..1.0,
  bagging_freq = 1, reg_alpha = 1e-8..10.0 log, n_jobs = 2, verbose = -1)
---
space s = LGBMRegressor(objective = "regression" | "mae" | "huber", boosting_type = "gbdt" | "dart",
  max_depth = -1 | 3..10, subsample = 0.5..1.0, subsample_freq = 1)
---
space s = XGBClassifier(n_estimators = 100..1000, max_depth = 3..10, learning_rate = 1e-3..0.3 log,
  gamma = 0.0..5.0, tree_method = "hist", subsample = 0.5..1.0, reg_lambda = 1)
---
space s = XGBRegressor(objective = "reg:squarederror" | "count:poisson", booster = "gbtree" | "dart",
  eta = 0.1, min_child_weight = 1.0..10.0, max_delta_step = 0)
---
space s = CatBoostClassifier(depth = 4..8, iterations = 100..500, l2_leaf_reg = 1.0..10.0,
  bootstrap_type = "Bayesian" | "Bernoulli", verbose = 0, border_count = 32..255)
---
space s = CatBoostRegressor(loss_function = "RMSE" | "MAE", learning_rate = 0.01..0.3 log, random_strength = 1,
  bagging_temperature = 0.0..1.0, silent = True)
---
space s = MultiOutputRegressor(estimator = Ridge()) | RegressorChain(Ridge())
---
space s = QuantileRegressor(quantile = 0.1..0.9,
  alpha = 0) | HuberRegressor(epsilon = 1.1..2.0) | TheilSenRegressor() | RANSACRegressor(
    estimator = Ridge(), min_samples = 20)
---
space s = PassiveAggressiveClassifier(C = 0.1..10.0 log) | Perceptron() | RidgeClassifier() | NearestCentroid()
  | BernoulliNB() | ComplementNB()
---
space s = GridSearchCV(estimator = Ridge(), param_grid = {"alpha": [0.1, 1.0]}, cv = KFold(n_splits = 3))
---
space s = StackingClassifier(estimators = repeat(2..3, DecisionTreeClassifier(max_depth = 1..5)))
---
def model(c) = LogisticRegression(C = c) | LinearSVC(C = c)
space s = StandardScaler() >> model(1e-3..1e3 log)
---
let common = record(n_jobs = 2, random_state = 0)
space s = RandomForestClassifier(n_estimators = 10..20, **common) | ExtraTreesClassifier(**common)
---
space s = { let depth = 2..8
 return DecisionTreeClassifier(max_depth = depth, max_leaf_nodes = 2..2**depth) }
---
space s = Pipeline(steps = [scale: StandardScaler(), model: Ridge()])
---
space s = FeatureUnion(transformer_list = [a: PCA(), b: SelectKBest()]) >> Ridge()
---
let k = 2..4
space s = PCA(n_components = k) >> GaussianMixture(n_components = k)
---
space s = StandardScaler() >> (Ridge(...) | Lasso(...) | ElasticNet(...))
---
space s = LGBMClassifier(...) | XGBClassifier(...) | CatBoostClassifier(...) | RandomForestClassifier(...) |
  SVC(...) | MLPClassifier(...)
---
space s = BaggingClassifier(DecisionTreeClassifier(), n_estimators = 10)
---
space s = TargetEncoder(target_type = "binary" | "auto", smooth = "auto" | 1.0..100.0) >> LogisticRegression()
---
space s = OrdinalEncoder(categories = [["a", "b"], ["x", "y"]], handle_unknown = "use_encoded_value",
  unknown_value = -1) >> Ridge()
---
space s = OneHotEncoder(min_frequency = 2..10 | 0.01..0.1, max_categories = 5..20,
  handle_unknown = "infrequent_if_exist") >> Ridge()
---
space s = DecisionTreeClassifier(criterion = "gini" | "entropy", ccp_alpha = 0.0..0.1, max_features = None | "sqrt")
---
space s = KernelRidge(alpha = 0.1..10.0 log, kernel = "rbf" | "laplacian", gamma = 1e-3..1.0 log)
---
space s = VotingRegressor(estimators = [("a", Ridge()), ("b", Lasso())])
---
space s = BernoulliRBM(n_components = 10..50) >> LogisticRegression()
---
space s = Normalizer(norm = "l1" | "l2") >> Binarizer(threshold = 0.0..1.0) >> BernoulliNB(alpha = 0.1,
  binarize = None)
---
space s = SelfTrainingClassifier(estimator = SVC(probability = True)) | LabelPropagation()
---
space s = ClassifierChain(LogisticRegression(), order = "random" | None)
---
space s = PowerTransformer(method = "yeo-johnson") >> SequentialFeatureSelector(estimator = Ridge(),
  n_features_to_select = 2 | 0.5 | "auto", direction = "forward") >> Ridge()
---
space s = FixedThresholdClassifier(estimator = LogisticRegression(),
  threshold = 0.3..0.7) | TunedThresholdClassifierCV(estimator = LogisticRegression(), scoring = "f1")
---
space s = FrozenEstimator(estimator = Ridge())
---
space s = DummyClassifier(strategy = "constant", constant = 1)
"""


def errors_of(text: str) -> list[Diagnostic]:
    reporter = Reporter()
    try:
        check_source(Source("<text>", text), reporter)
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
    return reporter.errors


@pytest.mark.parametrize("text", [p.strip() for p in PROGRAMS.split("\n---\n")])
def test_a_good_program_is_not_faulted(text: str) -> None:
    assert [d.message for d in errors_of(text)] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_checked_without_a_word(path: Path) -> None:
    reporter = Reporter()
    check_file(path, reporter)
    assert [d for d in reporter.diagnostics if d.severity != "note"] == []  # the data judges those


def test_random_programs_are_not_faulted() -> None:
    faulted = {seed: errors for seed in range(200) if (errors := [d.message for d in errors_of(make(seed))])}
    assert faulted == {}
