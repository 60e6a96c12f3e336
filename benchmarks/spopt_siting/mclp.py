"""The same maximal covering by spopt: python mclp.py MAP.npz cbc|highs SITES SECONDS. Runs in an environment of its own."""

import json
import sys
import time

import numpy as np
import pulp
from scipy.spatial.distance import cdist
from spopt.locate import MCLP

file, name, sites, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
kept = np.load(file)
if name == "cbc":
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=2)
else:
    solver = pulp.HiGHS(msg=False, timeLimit=seconds, threads=2)
began, worked = time.perf_counter(), time.process_time()
costs = cdist(kept["clients"], kept["sites"])
model = MCLP.from_cost_matrix(costs, kept["households"], service_radius=1_000.0, p_facilities=sites)
model = model.solve(solver)
wall, cpu = time.perf_counter() - began, time.process_time() - worked
chosen = [index for index, one in enumerate(model.fac_vars) if one.value() > 0.5]
value = int(kept["households"][(costs[:, chosen] <= 1_000.0).any(axis=1)].sum())
print(json.dumps({"wall": wall, "cpu": cpu, "value": value, "sites": len(chosen)}))
