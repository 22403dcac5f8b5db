"""Programs for the module of a space: each form that the generated code has to get right, at least once."""

PROGRAMS = {
    "conditions": """
let a = 1..4
let b = 1..9
let m = LogisticRegression(C = 0.1..1.0, max_iter = 10 * a) | SVC(C = 0.1..9.0)
require a < b
forbid m is SVC and b == 3
require m.C < 0.7 or a > 2
space s = StandardScaler()? >> PCA(n_components = b) >> m
""",
    "conditions_of_blocks_read": """
def pair() = { let a = 1..9 let b = 1..9 require a < b return record(a = a, b = b) }
let one = pair()
let two = pair() | record(a = 7)
let units = repeat(1..3, 1..9)
let m = { let c = 1..3 require c != two.a return LogisticRegression(max_iter = 10 * c) | SVC(max_iter = c) }
require all([u > 2 for u in units])
space s = record(x = one.b, y = two.a, z = [2 * u for u in units], m = m is SVC, i = 3 if max(units) > 5 else 4)
""",
    "conditions_on_lists": """
let order = permute("a", "b", "c")
let few = subset(1..3, ["x", "y", "z"])
let width = 8..64 step 8
let heads = 1..8
require order[0] != "a" and "y" in few
require width % heads == 0
space s = record(order = order, few = few, width = width, heads = heads)
""",
    "conditions_in_blocks": """
def cell() = {
  let k = 1..5
  let p = 0.0..1.0
  require p < k / 5
  return record(k = k, p = p)
}
let n = 1..3
require n != 2
space s = record(n = n, cells = repeat(n, cell()), rest = (cell())?)
""",
    "conditions_on_what_nothing_uses": """
let a = 1..3
let b = 1..3
require a < b
space s = PCA(n_components = a) >> Ridge()
""",
    "conditions_that_hold_for_all_but_few": """
let x1 = 1..10
let x2 = 1..10
let x3 = 1..10
let x4 = 1..10
require x1 < x2 < x3 < x4
space s = [x1, x2, x3, x4]
""",
    "conditions_on_modules": """
let m = Ridge(alpha = 0.1..1.0) | SVR(C = 1.0..2.0, kernel = "rbf" | "linear") | Lasso()
let n = 0..3
space s =
  StandardScaler()
  >> PCA(
       n_components = 3 if m is Ridge else 2,
       whiten = True if m.C > 1.5 else False,
       tol = 0.5 if m.alpha < 0.5 or m.C > 1.2 else 0.1,
       svd_solver = "full" if n > 0 and 10 / n > 4 else "auto")
  >> m
""",
    "classes_of_choices": """
def base() = linear: (Ridge(alpha = 0.1..1.0) | Lasso(alpha = 0.2..2.0)) | SVR()
let m = base()
space s = record(
  a = 1 if m is Lasso else 0,
  b = 2 if not (m is SVR or m is Ridge) else 3,
  c = (m.alpha if m is Ridge else 0.0) if m is not SVR else 1,
  d = 1 if m.alpha >= 0.6 else 0)
""",
    "labels_of_steps": """
space s =
  x: (StandardScaler() | PCA()) >> weights: PCA()? >> (a: (PCA() >> b: MinMaxScaler()))? >> PCA()
  >> last: (PCA() >> Ridge() | Ridge())
""",
    "unions": """
def a() = PCA(n_components = 1..3) & MinMaxScaler()?
space s = (a() & x: (a() | pass) & (drop | PCA())) >> (PCA() & PCA()) >> c: (PCA() & (p: PCA())) >> Ridge()
""",
    "unions_of_sequences": "space s = (PCA() >> PCA() & (PCA() >> MinMaxScaler()?) & pass) >> Ridge()",
    "named_members": """
def e() = Ridge(alpha = 0.1..1.0) | Lasso()
space s = VotingRegressor(
  estimators = [a: Ridge(), e(), e(), StandardScaler() >> Ridge(), weights: (PCA()? >> SVR())],
  weights = repeat(5..5, 1..4))
""",
    "stacking": """
space s = StackingRegressor(
  estimators = repeat(1..3, Ridge(alpha = 0.1..1.0) | Lasso()),
  final_estimator = (StandardScaler()? >> Ridge())?, passthrough = (True | False)?)
""",
    "wrapped_estimators": """
space s = BaggingRegressor(
  estimator = StandardScaler()? >> (Ridge() | SVR()), n_estimators = 5..10 step 5, max_samples = 0.25..1.0 step 0.25)
""",
    "columns": """
space s = columns {
  "a", "b" => OneHotEncoder() | drop
  regex("x_.*") => StandardScaler()? >> PCA()
  numeric => (StandardScaler() | drop)?
  dtype("category") => w: OneHotEncoder()
  categorical => OneHotEncoder() >> PCA()
  rest => pass | StandardScaler()
} >> Ridge()
""",
    "columns_of_texts": """
space s = columns {
  "a", "b" => TfidfVectorizer(min_df = 1..3) >> TruncatedSVD()?
  "c" => TfidfVectorizer() | OneHotEncoder() | drop
  "d", "e" => HashingVectorizer() | OneHotEncoder()
  rest => drop
} >> Ridge()
""",
    "unions_of_texts": """
def t() = CountVectorizer(ngram_range = (1, 1) | (1, 2), max_features = (100..1000 log)?)
space s =
  columns { "a" => t()
            "b" => t() & TfidfVectorizer() }
  >> SGDClassifier(loss = "hinge" | "log_loss", penalty = "l1" | "l2" | None, alpha = 1e-6..1e-1 log)
""",
    "values": """
let n = 1..4
space s = record(
  t = (n, 1..3, (2 | 3)?), d = {0: n, "b": 1 | 2, "c": (1..2)?}, l = [n, 2, 3, 5][n - 1], sl = [1, n, 3, 4][1:3],
  sm = sum([n, 0.1..0.5, 3]), mx = max(n, 2), mn = min([n, 3]), ln = len([1, 2, n]), an = any([n > 2, n < 1]),
  p = 2 ** n, q = n / 3, r = -n % 5, neg = -(n + 1) * 2, dd = (7..9) // n, ab = n in [1, 3], ac = n not in 2..3,
  ad = "a" in "abc" if n > 2 else False, al = all([n > 0, True]))
""",
    "numbers": """
let m = 0.0..1.0
space s = record(
  a = normal(0, 1), b = lognormal(0.5, 2.0), c = normal(m, 0.5), d = lognormal(1, m + 1.0), e = 1e-3..10.0 log,
  f = 4..1000 log step 7, g = 0.5..4.0 log step 0.5, h = 0..100 step 7 default 14, i = 1.0..m + 2.0,
  j = 0.0..1.0 default 0.3, k = 1..3 default 2, big = 1..2**60, wide = 1..2**40 log)
""",
    "labels_that_python_confuses": r"""
space s = record(
  a = True | 1 | 1.0 | 0..5, b = subset(1..2, [True, 1, 2..5]), c = permute(True, 1, 3..4),
  d = pick(1, [True, 1, 5..6]), e = "x" | 'x"y' | "a\\b\n" | "é{at}", f = pick(1..2, [[1], [2, 3..4], 5]))
""",
    "subsets_of_steps": """
space s =
  pick(0..2, [PCA(), MinMaxScaler(), a: PCA()?])
  >> permute(PCA(), MinMaxScaler()?, k: PCA(iterated_power = 1..2))
  >> repeat(0..2, PCA(iterated_power = 1..9) | MinMaxScaler())
  >> repeat(0..1, x: MinMaxScaler()) >> Ridge()
""",
    "lists_of_steps": "space s = [PCA(), MinMaxScaler()?] >> ([PCA()] | MinMaxScaler()) >> Ridge()",
    "names_that_python_has": """
def build() = PCA(iterated_power = 1..3)
def lambda_() = MinMaxScaler() | StandardScaler()
def sample(d) = (PCA(iterated_power = d)) >> build()
def Ridges(at, i) = Ridge(alpha = at) | Ridge(alpha = i) | SVR(C = at + i)
let pipeline = 1..4
let max = 1..4
def sequence() = repeat(1..2, PCA(iterated_power = pipeline + max))
def class() = MinMaxScaler() | PCA()
def ünï() = class()?
space DECISIONS =
  build() >> lambda_() >> sample(1..2) >> sample(pipeline) >> sequence() >> ünï() >> Ridges(0.1..1.0, 0.1..2.0)
""",
    "templates": """
def f(x) = record(a = x, b = x + 1..5, c = (1..2 | 3..4) if x > 1 else 0)
def g(n) = 1 if n == 0 else g(n - 1) + (1..2)
space s = record(
  u = f(1..2), v = f(1..3), w = [f(i) for i in 1..3], x = g(4), y = repeat(1..3, f(1..2)),
  z = repeat(0..2, repeat(1..2, 1..3 | [1..2])))
""",
    "shared_modules": """
let p = PCA(n_components = 1..3) >> MinMaxScaler()?
let q = Ridge(alpha = 0.1..1.0)
space s = p >> (p & p) >> VotingRegressor(estimators = [q, q, x: q, p >> q])
""",
    "conditionals": """
let k = "a" | "b" | None
def other() = MaxAbsScaler()
space s =
  (PCA() if k == "a" else MinMaxScaler()? if k == None else other())
  >> Ridge(alpha = 1.0 if k in ["a", None] else 0.1..0.5)
""",
    "logic": """
let a = 1..3
let b = 1..3
let c = True | False
space s = record(
  x = 1 if a > 1 and b > 1 and c else 2, y = 1 if a > 1 or b > 2 or c or a == b or a < 1 else 2, z = not c,
  w = c == (a > 1), v = c != True, u = 1 < a <= b)
""",
    "recommended_ranges": """
space s =
  LGBMClassifier(...) | XGBClassifier(..., verbosity = (1 | 2)?) | CatBoostClassifier(...)
  | HistGradientBoostingClassifier(...) | FactorAnalysis() >> Perceptron(random_state = 5)
""",
    "experimental_modules": """
space s =
  IterativeImputer(estimator = (BayesianRidge() | ExtraTreesRegressor())?, random_state = (1 | 2)?)
  >> FunctionTransformer(func = log1p | sqrt) >> Ridge()
""",
    "arguments_left_out": """
space s =
  OneHotEncoder(min_frequency = (0.01..0.1)?, drop = ("first" | "if_binary")? @ 3, max_categories = 5?)
  >> Ridge(alpha = (1.0 | 2.0..3.0)?)
""",
    "labelled_constants": """
space s = record(
  a = x: 1 | y: 2 | z: 3, b = p: "u" | q: None | 4..6, c = (k: True | l: False), d = (1 | 2 | (3..4 | "a" | None)),
  e = (x: True | False))
""",
    "nothing_to_decide": "space s = StandardScaler() >> Ridge(alpha = 1.0)",
    "a_plain_number": "space s = 1..3",
    # Followed down every way instead of once, this would take 2**60 steps.
    "shared_values": "let a0 = 1..2\n"
    + "".join(f"let a{i} = a{i - 1} + a{i - 1} - a{i - 1}\n" for i in range(1, 60))
    + "space s = record(x = a59, y = a58)",
}

# Those of which passes leave out steps: what is decided and what is built are then two programs.
SIMPLIFIED = {
    "trees": """
space s =
  FunctionTransformer()?
  >> SimpleImputer(strategy = "mean" | "median")
  >> PCA(n_components = 2..3)?
  >> (StandardScaler() | MinMaxScaler())?
  >> (Ridge() | RandomForestRegressor(max_depth = 2..3))
""",
    "conditions": """
let depth = 2..12
let scale = StandardScaler() | (MinMaxScaler(clip = true | false) | MaxAbsScaler() >> Normalizer())
require depth <= 6 or scale is StandardScaler
require depth >= 2
forbid depth == 3
def prep(s) = SimpleImputer(strategy = s) >> scale
space s =
  FunctionTransformer()?
  >> prep("mean" | "median")
  >> (RandomForestClassifier(max_depth = depth) | LogisticRegression(C = 1e-3..1e3 log) if depth < 5 else SVC())
""",
    "columns": """
let k = 1..4
space s =
  columns {
    "a", "b" => repeat(k, MaxAbsScaler()) >> MaxAbsScaler()
    rest     => (FunctionTransformer() & PCA(n_components = k)) | drop
  }
  >> VotingClassifier(
    estimators = [x: MinMaxScaler() >> RandomForestClassifier(n_estimators = 1..3), y: SVC(C = 0.1..9.0)],
  )
""",
    "numbers_and_truths": """
let pair = x: (1 | true) | y: (1.0 | 2)
let three = subset(1..3, [StandardScaler() >> RobustScaler(), PCA(), 3]) if false else [StandardScaler()]
require pair != 2
space s = MinMaxScaler() >> StandardScaler() >> Ridge(alpha = 1.0 * pair, fit_intercept = pair == 1)
""",
    "without_decisions": "space s = FunctionTransformer() >> StandardScaler() >> RandomForestRegressor()",
    "lists": """
let order = permute(MinMaxScaler() >> RobustScaler(), StandardScaler())
let few = subset(1..2, [FunctionTransformer(), MaxAbsScaler() >> MaxAbsScaler(), PCA(n_components = 1..3)])
space s = order >> FunctionTransformer() >> few[0] >> (DecisionTreeRegressor(max_depth = 1..2) | Ridge())
""",
}
