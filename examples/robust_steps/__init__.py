"""Steps that scikit-learn does not have."""
