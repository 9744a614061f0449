"""Contract suites, fakes and hypothesis strategies, shipped for those who write adapters.

One module per port: ``sources``, ``reference_managers``, ``publishers``, ``channels``, ``models``.
Each has the suite, to be subclassed under pytest with a fixture that gives the adapter, and a fake
that passes it; the fake library is in ``libraries``.
"""
