"""The adapter for scikit-learn: its own checks, its pipelines, and selections made by hand from its own measures."""

import subprocess
import sys

import numpy as np
import pandas
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import plogp as pp
from plogp.errors import InvalidValue, ShapeMismatch, UnknownName
from plogp.sklearn import InformationSelector, mutual_information


@parametrize_with_checks([InformationSelector(), InformationSelector("cmim", n_features_to_select=1)])
def test_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def discrete(n=600, d=7, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 4, (n, d))
    X[:, 1] = np.where(rng.random(n) < 0.2, X[:, 1], X[:, 0])
    y = (X[:, 0] + X[:, 2] * (rng.random(n) < 0.8) + (X[:, 3] > 2)) % 5
    return X, y


def by_hand(X, y, n, method):
    """The definitions, with scikit-learn's mutual information and joint labels; ties to the first."""
    joint = lambda a, b: a * 100 + b
    told = [mutual_info_score(x, y) for x in X.T]
    chosen = [int(np.argmax(told))]
    while len(chosen) < n:
        scores = {}
        for i in set(range(X.shape[1])) - set(chosen):
            both = [mutual_info_score(joint(X[:, i], X[:, j]), y) for j in chosen]
            alone = [mutual_info_score(X[:, j], y) for j in chosen]
            scores[i] = {
                "mrmr": told[i] - np.mean([mutual_info_score(X[:, i], X[:, j]) for j in chosen]),
                "jmi": np.sum(both),
                "cmim": min(told[i], *(b - a for b, a in zip(both, alone, strict=True))),
            }[method]
        chosen.append(max(sorted(scores), key=scores.get))
    return chosen


@pytest.mark.parametrize("method", ["mrmr", "jmi", "cmim"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_method_chooses_what_its_definition_does(method, seed):
    X, y = discrete(seed=seed)
    selector = InformationSelector(method, n_features_to_select=5, estimator="plug-in").fit(X, y)
    assert selector.chosen_.tolist() == by_hand(X, y, 5, method)
    assert selector.scores_ == pytest.approx([mutual_info_score(x, y) / np.log(2) for x in X.T])


def test_a_copy_is_not_chosen_while_there_is_something_new():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 3, (2, 900))
    X = np.stack([a, a, b, rng.integers(0, 3, 900)], axis=1)
    for method in ("mrmr", "jmi", "cmim"):
        assert InformationSelector(method, n_features_to_select=2).fit(X, 3 * a + b).chosen_.tolist() in (
            [0, 2],
            [2, 0],
        )


def test_a_feature_of_many_levels_is_not_preferred():
    """Plug-in estimates choose noise of 200 levels; those without bias don't."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 500)
    X = np.stack([rng.integers(0, 200, 500), np.where(rng.random(500) < 0.6, rng.integers(0, 2, 500), y)], axis=1)
    assert InformationSelector(n_features_to_select=1, estimator="plug-in").fit(X, y).chosen_ == [0]
    assert InformationSelector(n_features_to_select=1).fit(X, y).chosen_ == [1]


def test_dataframes_keep_their_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    selector = InformationSelector("jmi", n_features_to_select=2).set_output(transform="pandas").fit(X, y)
    assert selector.get_feature_names_out().tolist() == list(selector.transform(X).columns)
    assert selector.feature_names_in_.tolist() == list(X.columns)
    assert isinstance(selector.transform(X), pandas.DataFrame)


def test_columns_of_a_dataframe_may_be_of_any_kind():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    X = pandas.DataFrame(
        {
            "number": y + rng.normal(size=300),
            "text": np.where(y == 1, "yes", "no"),
            "kind": pandas.Categorical(rng.choice(list("abc"), 300)),
            "gaps": pandas.array([None, *rng.integers(0, 3, 299)], "Int64"),
        }
    )
    selector = InformationSelector(n_features_to_select=3).fit(X, y)
    assert selector.chosen_[0] == 1
    assert selector.chosen_[1] == 0 or 0 in selector.chosen_
    assert selector.transform(X).shape == (300, 3)


def test_a_pipeline_selects_and_is_searched():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(InformationSelector(), StandardScaler(), LogisticRegression())
    grid = {"informationselector__n_features_to_select": [2, 8]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_score_ > 0.93


@pytest.mark.parametrize("wanted", [0, 8, 2.5, 1.5, True])
def test_more_features_than_there_are_is_an_error(wanted):
    X, y = discrete()
    with pytest.raises(InvalidValue, match=r"n_features_to_select=.* of 7 features; needed: 1 to 7, or a share"):
        InformationSelector(n_features_to_select=wanted).fit(X, y)


def test_a_share_of_the_features():
    X, y = discrete()
    assert InformationSelector(n_features_to_select=0.3).fit(X, y).get_support().sum() == 2
    assert InformationSelector().fit(X, y).get_support().sum() == 3


def test_an_unknown_method_is_refused():
    with pytest.raises(UnknownName, match=r"method='mrMR'; needed: 'mrmr', 'jmi' or 'cmim'. hint: did you mean `mrmr`"):
        InformationSelector("mrMR").fit(*discrete())


# The score function


def test_scores_and_p_values_are_those_of_measure():
    X, y = discrete()
    scores, p_values = mutual_information(X, y)
    for i, x in enumerate(X.T):
        result = pp.measure("I(x;y)", {"x": x, "y": y})
        assert scores[i] == pytest.approx(result.value)
        assert p_values[i] == pytest.approx(result.p_value, rel=1e-6, abs=0)
    assert mutual_information(X, y, unit="nats")[0] == pytest.approx(scores * np.log(2))
    assert mutual_information(pandas.DataFrame(X), pandas.Series(y))[0] == pytest.approx(scores)


def test_select_k_best_takes_it():
    X, y = discrete()
    support = SelectKBest(mutual_information, k=2).fit(X, y).get_support()
    assert support.sum() == 2
    assert support[0]


def test_which_features_are_discrete_may_be_said():
    X, y = discrete()
    said = [
        mutual_information(X.astype(float), y, discrete_features=which)[0] for which in (True, [True] * 7, range(7))
    ]
    for scores in said:
        assert scores == pytest.approx(mutual_information(X, y)[0])


def test_one_dimension_is_not_a_table():
    with pytest.raises(ShapeMismatch, match=r"X has shape \(3,\); needed: \(n, d\). hint: X.reshape"):
        mutual_information([1, 2, 3], [1, 2, 3])


def test_without_scikit_learn_an_error_says_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None; import plogp; plogp.sklearn"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr.splitlines()[-1]
    assert said == (
        "plogp.errors.MissingExtra: scikit-learn isn't installed; needed: the extra `sklearn`. "
        "hint: pip install 'plogp[sklearn]'"
    )
