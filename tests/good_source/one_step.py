"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from sklearn.linear_model import Ridge


def build_pipeline():
    return Ridge(alpha=0.5, random_state=2005340774)  # gbm.hyp:1


if __name__ == "__main__":
    print(build_pipeline())
