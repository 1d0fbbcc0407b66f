"""The linear problem of a market's size by HiGHS, warm-started, read as JSON from standard input.

Supply and use are steps around the base point, routes have the unit costs at which the base flows are optimal. The
program is checked first: with steps that end at the base quantities, it must give back base output and use. Then every
seller's exports are stopped in turn and the simplex method goes on from the last basis. Prints median microseconds of a
solution and the gap of the check.
"""
import json
import math
import sys
import time

import highspy
import numpy as np

data = json.load(sys.stdin)
market, base_flow = data["market"], data["flow"]
nodes, users, arcs = market["nodes"], market["users"], market["arcs"]
STEPS = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
HEIGHTS = [0.2, 0.4, 0.6, 0.8, 1.5, 3.0]
inf = highspy.kHighsInf

sold = [0.0] * len(nodes)
bought = [0.0] * len(nodes)
used = [0.0] * len(users)
for arc, flow in zip(arcs, base_flow):
    sold[arc["from"]] += flow
    if "node" in arc["to"]:
        bought[arc["to"]["node"]] += flow
    else:
        used[arc["to"]["user"]] += flow
unit = max(used)

model = highspy.Highs()
model.setOptionValue("output_flag", False)
# Rows: what a node makes = what it sells; what it buys = what it makes / recovery; what a user takes.
row_of_intake, rows = {}, len(nodes)
for k, node in enumerate(nodes):
    if node.get("sourcing"):
        row_of_intake[k] = rows
        rows += 1
row_of_user = rows
rows += len(users)
model.addRows(rows, np.zeros(rows), np.zeros(rows), 0, np.zeros(rows, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0))


def column(cost, upper, entries):
    index = np.array([row for row, _ in entries], dtype=np.int32)
    value = np.array([amount for _, amount in entries])
    model.addCol(cost, 0.0, upper, len(entries), index, value)
    return model.getNumCol() - 1


flows = []
for arc in arcs:
    entries = [(arc["from"], -1.0)]
    to = arc["to"]
    if "node" in to:
        entries.append((row_of_intake[to["node"]], 1.0))
    else:
        entries.append((row_of_user + to["user"], 1.0))
    flows.append(column(0.0, inf, entries))
made, taken = [], []
for k, node in enumerate(nodes):
    recovery = node["sourcing"]["recovery"] if node.get("sourcing") else None
    scrap = max(sold[k] - recovery * bought[k], 0.0) if recovery else sold[k]
    price = node["base_price"]
    margin = node["sourcing"]["base_margin"] if recovery else price
    for total, cost, ore in ((recovery * bought[k] if recovery else 0.0, margin, True), (scrap, price, False)):
        last = 0.0
        for step, height in zip(STEPS, HEIGHTS):
            entries = [(k, 1.0)] + ([(row_of_intake[k], -1.0 / recovery)] if ore and recovery else [])
            if total > 0.0:
                made.append((column(cost * height / 1e3, (step - last) * total / unit, entries), step, (step - last) * total / unit))
            last = step
for j, user in enumerate(users):
    last = 0.0
    for step, height in zip(STEPS, reversed(HEIGHTS)):
        worth = user["base_price"] * (height if step > 1.0 else 4.0 * height + 2.0)
        col = column(-worth / 1e3, (step - last) * used[j] / unit, [(row_of_user + j, -1.0)])
        taken.append((col, step, (step - last) * used[j] / unit))
        last = step


def solve():
    start = time.thread_time()
    model.run()
    spent = time.thread_time() - start
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal, model.getModelStatus()
    return spent


# The check: no step beyond the base can be used, so output and use are the base's and their values are known.
for col, step, width in made + taken:
    model.changeColBounds(col, 0.0, width if step <= 1.0 else 0.0)
for col, step, _ in made:
    model.changeColCost(col, 0.0)
solve()
values = model.getSolution().col_value
gap = max(abs(values[col] - width) for col, step, width in taken if step <= 1.0)

for (col, step, width), cost in zip(made, [0.0] * len(made)):
    model.changeColBounds(col, 0.0, width)
for col, step, width in taken:
    model.changeColBounds(col, 0.0, width)
for place, (col, step, _) in enumerate(made):
    model.changeColCost(col, HEIGHTS[STEPS.index(step)])
solve()
times = []
for i, node in enumerate(nodes):
    abroad = []
    for a, arc in enumerate(arcs):
        to = arc["to"]
        country = nodes[to["node"]]["country"] if "node" in to else users[to["user"]]["country"]
        if arc["from"] == i and country != node["country"]:
            abroad.append(flows[a])
    for col in abroad:
        model.changeColBounds(col, 0.0, 0.0)
    times.append(solve())
    for col in abroad:
        model.changeColBounds(col, 0.0, inf)
    times.append(solve())
times.sort()
print(json.dumps({"microseconds": times[len(times) // 2] * 1e6, "gap": gap}))
