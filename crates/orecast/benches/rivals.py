"""The markets of the bench by other programs, read as JSON from standard input: {"program", "markets", "start", "price"}.

`scipy`: the same curves and the same unknowns, excess supply brought to zero by `scipy.optimize.root`; `pypsa`: a network
of the same nodes and routes with stepwise supply and use, one period, built and optimised by PyPSA through linopy and HiGHS.
Prints median microseconds of a market and how far the answers are from the engine's prices (scipy) or 0.
"""
import json
import logging
import sys
import time
import warnings

import numpy as np

data = json.load(sys.stdin)


def eighth(x):
    return np.minimum(x, 1e30) ** 8


class Curves:
    """A market of nodes with one or two tranches, no limits, duties or floors: what `networks.rs` makes."""

    def __init__(self, market):
        nodes, users = market["nodes"], market["users"]
        self.n, plants = len(nodes), [k for k, node in enumerate(nodes) if node.get("sourcing")]
        self.base = np.array([node["base_price"] for node in nodes])
        place = {("node", k): b for b, k in enumerate(plants)}
        place.update({("user", j): len(plants) + j for j in range(len(users))})
        open_arcs = [a for a in market["arcs"] if not a["banned"] and a["weight"] > 0]
        self.source = np.array([a["from"] for a in open_arcs])
        self.buyer = np.array([place[next(iter(a["to"].items()))] for a in open_arcs])
        self.weight = np.array([a["weight"] for a in open_arcs])
        self.buyers = len(place)
        self.theta = np.array([nodes[k]["sourcing"]["theta"] for k in plants] + [u["theta"] for u in users])
        self.plants = np.array(plants, dtype=int)
        self.recovery = np.array([nodes[k]["sourcing"]["recovery"] for k in plants])
        self.margin = np.array([nodes[k]["sourcing"]["base_margin"] for k in plants])
        ground = [(i, t) for i, n in enumerate(nodes) for t in n["tranches"] if t["feed"] != "ore"]
        ore = [(place[("node", i)], t) for i, n in enumerate(nodes) for t in n["tranches"] if t["feed"] == "ore"]
        take = lambda rows, key: np.array([t[key] for _, t in rows])
        self.at = np.array([i for i, _ in ground])
        self.ground = [take(ground, key) for key in ("capacity", "drive", "elasticity")]
        self.by = np.array([b for b, _ in ore], dtype=int)
        self.ore = [take(ore, key) for key in ("capacity", "drive", "elasticity")]
        self.used = [np.array([u["demand"][key] for u in users]) for key in ("quantity", "elasticity")]
        self.bend = [np.array([u["demand"]["backstop"][key] for u in users]) for key in ("multiple", "elasticity")]
        self.user_base = np.array([u["base_price"] for u in users])
        reached = np.bincount(self.buyer, minlength=self.buyers) > 0
        self.reached = reached

    def excess(self, ratio):
        y = ratio * self.base
        landed = y[self.source]
        least = np.full(self.buyers, np.inf)
        np.minimum.at(least, self.buyer, landed)
        term = self.weight * np.exp(self.theta[self.buyer] * (least[self.buyer] - landed))
        total = np.bincount(self.buyer, term, self.buyers)
        total[~self.reached] = 1.0
        index = np.where(self.reached, least, 0.0) - np.log(total) / self.theta
        capacity, drive, elasticity = self.ground
        r = y[self.at] / self.base[self.at]
        x = drive * np.exp(elasticity * (np.log(np.maximum(r, 0.05)) + np.minimum(r - 0.05, 0) / 0.05))
        made = np.bincount(self.at, capacity * x / (1 + eighth(x)) ** 0.125, self.n)
        m = len(self.plants)
        bought = np.zeros(self.buyers)
        if m:
            capacity, drive, elasticity = self.ore
            width = 0.05 * self.margin[self.by]
            z = (y[self.plants[self.by]] - index[self.by] / self.recovery[self.by]) / width
            log_soft = np.where(z < -40, z, np.log(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))))
            x = drive * np.exp(elasticity * (log_soft - 2.995732273657049))
            refined = np.where(self.reached[self.by], capacity * x / (1 + eighth(x)) ** 0.125, 0.0)
            made += np.bincount(self.plants[self.by], refined, self.n)
            bought[:m] = np.bincount(self.by, refined, m) / self.recovery
        quantity, elasticity = self.used
        multiple, beyond = self.bend
        h = index[m:] / self.user_base
        inside = np.maximum(h, 0.05)
        extra = np.maximum(beyond - elasticity, 0) / 8
        law = quantity * np.exp(extra * np.log((1 + eighth(1 / multiple)) / (1 + eighth(inside / multiple))) - elasticity * np.log(inside))
        bought[m:] = np.where(self.reached[m:], law * (1 - elasticity * np.minimum(h - 0.05, 0) / 0.05), 0.0)
        flow = bought[self.buyer] / total[self.buyer] * term
        sold = np.bincount(self.source, flow, self.n)
        return (made - sold) / np.maximum(np.maximum(made, sold), 1e-6 * made.sum())


def by_scipy():
    from scipy.optimize import root

    times, gap, failed = [], 0.0, 0
    for market, price in zip(data["markets"], data["price"]):
        curves = Curves(market)
        start = np.array(data["start"]) / curves.base
        live = np.array([p is not None for p in price])
        begin = time.thread_time()

        def residual(x):
            full = start.copy()
            full[live] = x
            return curves.excess(full)[live]

        best = None
        for method in ("hybr", "lm"):
            found = root(residual, start[live], method=method, tol=1e-12)
            if np.abs(found.fun).max() < 1e-8:
                best = found
                break
        times.append(time.thread_time() - begin)
        if best is None:
            failed += 1
            continue
        exact = np.array([p for p in price if p is not None]) / curves.base[live]
        gap = max(gap, float(np.abs(best.x / exact - 1).max()))
    return {"microseconds": sorted(times)[len(times) // 2] * 1e6, "gap": gap, "failed": failed}


def by_pypsa():
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    import pypsa

    steps, heights = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5], [0.2, 0.4, 0.6, 0.8, 1.5, 3.0]

    def build(market):
        network = pypsa.Network()
        network.set_snapshots([market["year"]])
        nodes, users = market["nodes"], market["users"]
        names = [f"n{i}" for i in range(len(nodes))]
        intake = {k: f"i{k}" for k, node in enumerate(nodes) if node.get("sourcing")}
        network.add("Bus", names + list(intake.values()) + [f"u{j}" for j in range(len(users))])
        rows = []
        for i, node in enumerate(nodes):
            for t in node["tranches"]:
                for low, step, height in zip([0.0] + steps, steps, heights):
                    rows.append((i, t["feed"], (step - low) * t["capacity"] / 1.5, height * node["base_price"]))
        ground = [(i, size, cost) for i, feed, size, cost in rows if feed != "ore"]
        network.add("Generator", [f"g{k}" for k in range(len(ground))], bus=[f"n{i}" for i, _, _ in ground],
                    p_nom=[size for _, size, _ in ground], marginal_cost=[cost for _, _, cost in ground])
        ore = [(i, size) for i, feed, size, _ in rows if feed == "ore"]
        if ore:
            recovery = [nodes[i]["sourcing"]["recovery"] for i, _ in ore]
            network.add("Link", [f"r{k}" for k in range(len(ore))], bus0=[intake[i] for i, _ in ore],
                        bus1=[f"n{i}" for i, _ in ore], efficiency=recovery,
                        p_nom=[size / share for (_, size), share in zip(ore, recovery)],
                        marginal_cost=[heights[k % len(heights)] for k in range(len(ore))])
        ends = [(a["from"], *next(iter(a["to"].items()))) for a in market["arcs"]]
        network.add("Link", [f"a{k}" for k in range(len(ends))], bus0=[f"n{i}" for i, _, _ in ends],
                    bus1=[intake[at] if kind == "node" else f"u{at}" for _, kind, at in ends],
                    p_nom=[0.0 if a["banned"] else 1e9 for a in market["arcs"]])
        use = [(j, (step - low) * u["demand"]["quantity"], u["base_price"] * 4.0 * height)
               for j, u in enumerate(users) for low, step, height in zip([0.0] + steps, steps, reversed(heights))]
        network.add("Generator", [f"d{k}" for k in range(len(use))], bus=[f"u{j}" for j, _, _ in use],
                    p_nom=[size for _, size, _ in use], p_min_pu=-1.0, p_max_pu=0.0,
                    marginal_cost=[worth for _, _, worth in use])
        return network

    times = []
    for market in data["markets"][:6]:
        begin = time.thread_time()
        network = build(market)
        status, condition = network.optimize(solver_name="highs", log_to_console=False, output_flag=False, threads=1)
        times.append(time.thread_time() - begin)
        assert (status, condition) == ("ok", "optimal"), condition
    return {"microseconds": sorted(times)[len(times) // 2] * 1e6, "gap": 0.0, "failed": 0}


print()
print(json.dumps({"scipy": by_scipy, "pypsa": by_pypsa}[data["program"]]()))
