"""References to the month's model versions; the models themselves are kept in MLflow."""
