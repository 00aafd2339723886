"""The application: the only place that knows time, tasks and the radio. Started by main.py with a board."""
