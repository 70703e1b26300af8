"""Faults of a machine, crowds and nonsense: few in `make test`, very many in `make test-hard`."""
