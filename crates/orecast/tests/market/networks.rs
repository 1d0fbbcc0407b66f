//! Random networks and conditions, for tests and benches: the same for the same seed on every machine.

use orecast::{
    base::{id::Iso3, unit::Stage},
    market::{
        Demand, Feed, Joint, Limit, Market, Node, Recipient, Sourcing, TradeArc, Tranche, User,
        curve::Backstop,
    },
};

/// Random numbers by the splitmix generator of 64 bits.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Even in the logarithm.
    pub(crate) fn scale(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.between(0.0, 1.0) < share
    }
}

/// How large a network is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) mines: usize,
    pub(crate) plants: usize,
    /// Plants of a third step, which buy what the others refine; their product has users of its own.
    pub(crate) works: usize,
    pub(crate) users: usize,
    /// Share of the possible routes that are open.
    pub(crate) routes: f64,
    /// Curves that a conic solver can write down: no saturation, linear supply and refining, `D = D⁰ p⁰ / P`.
    pub(crate) conic: bool,
}

impl Shape {
    /// Sizes from one country to a few dozen.
    pub(crate) fn random(random: &mut Random) -> Self {
        Self {
            mines: 1 + random.below(12),
            plants: random.below(10),
            works: random.below(4),
            users: 1 + random.below(24),
            routes: random.between(0.05, 1.0),
            conic: false,
        }
    }
}

/// A made-up country.
pub(crate) fn country(index: usize) -> Iso3 {
    let letter = |i: usize| char::from(b'A' + (i % 26) as u8);
    format!("{}{}Q", letter(index / 26), letter(index)).parse().expect("three letters")
}

struct Builder<'a> {
    market: Market,
    random: &'a mut Random,
    shape: Shape,
    elasticity: f64,
    use_elasticity: f64,
    backstop: Backstop,
    sigma: f64,
}

/// A step of the chain that is laid: its nodes with the tonnes each has to sell, its price, its product's name.
struct Step {
    nodes: Vec<(usize, f64)>,
    price: f64,
    stage: Stage,
    product: Option<String>,
}

/// A network whose undisturbed equilibrium is its base: tonnes over six orders of magnitude, routes that are seen or not.
pub(crate) fn network(shape: Shape, random: &mut Random) -> Market {
    let elasticity = if shape.conic { 1.0 } else { random.scale(0.03, 1.2) };
    let use_elasticity = if shape.conic { 1.0 } else { random.scale(0.02, 0.9) };
    let backstop = if shape.conic {
        Backstop { multiple: 4.0, elasticity: 1.0 }
    } else {
        Backstop { multiple: random.between(2.0, 9.0), elasticity: random.between(1.0, 2.5) }
    };
    let sigma = random.between(1.0, 8.0);
    let market = Market {
        mineral: "tungsten".parse().expect("a name"),
        year: 2024,
        basis: "t W".to_owned(),
        nodes: Vec::new(),
        users: Vec::new(),
        arcs: Vec::new(),
        limits: Vec::new(),
    };
    let mut build = Builder { market, random, shape, elasticity, use_elasticity, backstop, sigma };
    let price = build.random.scale(50.0, 1e6);
    let ore = build.mines(price);
    let tail = build.plants(&ore, shape.plants, None);
    let last = build.plants(&tail, shape.works, Some("magnets"));
    for step in [ore, tail, last] {
        build.users(&step);
    }
    build.market
}

impl Builder<'_> {
    fn tranche(&mut self, id: &str, feed: Feed, output: f64, elasticity: f64) -> Tranche {
        let utilisation = if self.shape.conic { 1e-4 } else { self.random.between(0.4, 0.95) };
        Tranche::calibrated(id, feed, output, utilisation, elasticity)
    }

    fn mines(&mut self, price: f64) -> Step {
        let mut nodes = Vec::new();
        for i in 0..self.shape.mines {
            let tonnes = self.random.scale(1.0, 1e6);
            let elasticity = self.elasticity;
            let tranches = vec![self.tranche("running", Feed::Ground, tonnes, elasticity)];
            self.market.nodes.push(Node {
                country: country(i),
                stage: Stage::Mine,
                product: None,
                base_price: price,
                tranches,
                sourcing: None,
            });
            nodes.push((i, tonnes));
        }
        Step { nodes, price, stage: Stage::Mine, product: None }
    }

    /// Shares of `count` buyers in what each seller has; a seller keeps about `kept` for its other customers.
    fn split(&mut self, sellers: usize, count: usize, kept: f64) -> Vec<Vec<f64>> {
        let routes = self.shape.routes;
        (0..sellers)
            .map(|i| {
                let mut shares: Vec<f64> = (0..count)
                    .map(|_| if self.random.chance(routes) { self.random.scale(1e-3, 1.0) } else { 0.0 })
                    .collect();
                shares[i % count] += 0.1;
                let sum: f64 = shares.iter().sum();
                for share in &mut shares {
                    *share *= (1.0 - kept) / sum;
                }
                shares
            })
            .collect()
    }

    fn plants(&mut self, sold: &Step, count: usize, product: Option<&str>) -> Step {
        let recovery = self.random.between(0.6, 0.99);
        let price = sold.price / recovery * self.random.between(1.2, 3.0);
        let step = |nodes| Step { nodes, price, stage: Stage::Refine, product: product.map(str::to_owned) };
        if count == 0 || sold.nodes.is_empty() {
            return step(Vec::new());
        }
        let shares = self.split(sold.nodes.len(), count, 0.2);
        let mut nodes = Vec::new();
        for k in 0..count {
            let flows: Vec<f64> =
                sold.nodes.iter().zip(&shares).map(|((_, tonnes), row)| tonnes * row[k]).collect();
            let intake: f64 = flows.iter().sum();
            if intake <= 0.0 {
                continue;
            }
            let node = self.market.nodes.len();
            let elasticity = self.elasticity;
            let mut tranches = vec![self.tranche("running", Feed::Ore, recovery * intake, elasticity)];
            let mut output = recovery * intake;
            if self.random.chance(0.3) {
                tranches.push(self.tranche("scrap", Feed::Scrap, 0.3 * output, elasticity));
                output *= 1.3;
            }
            // Where curves are to be conic, the base margin is so small that refining is linear in the margin.
            let margin = price - sold.price / recovery;
            let base_margin = if self.shape.conic { 1e-2 * margin } else { margin };
            tranches[0].drive *= base_margin / margin;
            self.market.nodes.push(Node {
                country: country(k),
                stage: Stage::Refine,
                product: product.map(str::to_owned),
                base_price: price,
                tranches,
                sourcing: Some(Sourcing { recovery, theta: self.sigma / sold.price, base_margin }),
            });
            for ((from, _), flow) in sold.nodes.iter().zip(flows) {
                self.arc(*from, Recipient::Node(node), flow / intake);
            }
            nodes.push((node, output));
        }
        step(nodes)
    }

    /// Users of what a step has left after the plants that follow.
    fn users(&mut self, step: &Step) {
        if step.nodes.is_empty() {
            return;
        }
        let left: Vec<f64> = step
            .nodes
            .iter()
            .map(|&(i, tonnes)| {
                let feeds =
                    self.market.arcs.iter().any(|a| a.from == i && matches!(a.to, Recipient::Node(_)));
                if feeds { 0.2 * tonnes } else { tonnes }
            })
            .collect();
        let count = self.shape.users;
        let shares = self.split(left.len(), count, 0.0);
        for j in 0..count {
            let flows: Vec<f64> = left.iter().zip(&shares).map(|(tonnes, row)| tonnes * row[j]).collect();
            let quantity: f64 = flows.iter().sum();
            if quantity <= 0.0 {
                continue;
            }
            let user = self.market.users.len();
            self.market.users.push(User {
                country: country(j),
                stage: step.stage,
                product: step.product.clone(),
                base_price: step.price,
                theta: self.sigma / step.price,
                demand: Demand { quantity, elasticity: self.use_elasticity, backstop: self.backstop },
            });
            for ((from, _), flow) in step.nodes.iter().zip(flows) {
                self.arc(*from, Recipient::User(user), flow / quantity);
            }
        }
    }

    fn arc(&mut self, from: usize, to: Recipient, weight: f64) {
        if weight > 0.0 {
            self.market.arcs.push(TradeArc { from, to, weight, cost: 0.0, duty: 0.0, banned: false });
        }
    }
}

/// The network of a number, of any size, under up to three conditions of any strength, and their kinds.
pub(crate) fn extreme(number: u64) -> (Market, Vec<usize>) {
    let mut random = Random(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut market = network(Shape::random(&mut random), &mut random);
    let kinds: Vec<usize> = (0..random.below(4)).map(|_| random.below(KINDS.len())).collect();
    for &kind in &kinds {
        impose(&mut market, kind, false, &mut random);
    }
    (market, kinds)
}

/// Kinds of conditions that [`impose`] knows. The later ones cannot be written as cones.
pub(crate) const KINDS: [&str; 17] = [
    "ban of routes",
    "export stop",
    "cost",
    "quota",
    "group quota",
    "share cap",
    "committed flow",
    "leaky ban",
    "sanctions",
    "credit",
    "joint output",
    "capacity lost",
    "price floor",
    "duty",
    "stock",
    "99.9 % of supply lost",
    "price ratio of a million",
];

/// Imposes a condition of a kind at random strength; `mild` keeps it where curves stay far from their ends.
pub(crate) fn impose(market: &mut Market, kind: usize, mild: bool, random: &mut Random) {
    let a = random.below(market.arcs.len());
    let i = market.arcs[a].from;
    let price = market.nodes[i].base_price;
    let routes: Vec<usize> = (0..market.arcs.len()).filter(|&a| market.arcs[a].from == i).collect();
    let some: Vec<usize> = (0..market.arcs.len()).filter(|_| random.chance(0.2)).collect();
    let flow = |market: &Market, arcs: &[usize]| arcs.iter().map(|&a| market.base_flow(a)).sum::<f64>();
    let one = market.nodes[i].country;
    match KINDS[kind] {
        "ban of routes" => some.iter().for_each(|&a| market.arcs[a].banned = random.chance(0.5)),
        "export stop" => {
            for &a in &routes {
                market.arcs[a].banned = market.recipient_country(market.arcs[a].to) != one;
            }
        }
        "cost" => market.arcs[a].cost += price * random.between(-0.2, if mild { 0.5 } else { 50.0 }),
        "quota" => {
            let tonnes = flow(market, &routes) * random.scale(if mild { 0.2 } else { 1e-9 }, 2.0);
            market.limits.push(Limit::cap("quota", routes, tonnes));
        }
        "group quota" => {
            let tonnes = flow(market, &some) * random.scale(0.1, 2.0);
            market.limits.push(Limit::cap("group", some, tonnes));
        }
        "share cap" => {
            let stage = market.nodes[i].stage;
            let importers: Vec<Iso3> = (0..=random.below(3)).map(country).collect();
            let most = random.between(if mild { 0.2 } else { 0.0 }, 0.9);
            market.cap_share("share", stage, one, &importers, most);
        }
        "committed flow" => {
            let tonnes = flow(market, &[a]) * random.between(0.5, if mild { 1.1 } else { 3.0 });
            market.limits.push(Limit::floor("offtake", vec![a], tonnes));
        }
        "leaky ban" => {
            market.ban_with_leakage(
                "leak",
                &routes,
                random.between(0.0, 0.6),
                price * random.between(0.0, 0.4),
            );
        }
        "sanctions" => {
            let split = 1 + random.below(6);
            let (west, east): (Vec<Iso3>, Vec<Iso3>) =
                ((0..split).map(country).collect(), (split..2 * split).map(country).collect());
            market.sanction(&west, &east);
        }
        "credit" => {
            let most = if mild { 0.3 } else { 3.0 };
            market.nodes[i].tranches.iter_mut().for_each(|t| t.subsidy += price * random.between(-0.2, most));
        }
        "joint output" => {
            let later = (i + 1..market.nodes.len()).find(|&k| market.nodes[k].stage == market.nodes[i].stage);
            if let Some(node) = later
                && market.nodes[i].tranches[0].feed == Feed::Ground
            {
                market.nodes[i].tranches[0].joint.push(Joint { node, tonnes: random.between(0.05, 0.5) });
            }
        }
        "capacity lost" => {
            let left = if mild { 0.5 } else { 0.0 };
            market.nodes[i].tranches.iter_mut().for_each(|t| t.capacity *= random.between(left, 1.0));
        }
        "price floor" => {
            let (floor, upside) = (price * random.between(0.5, 2.0), random.between(0.0, 0.9));
            for t in &mut market.nodes[i].tranches {
                (t.floor, t.upside) = (Some(floor), upside);
            }
        }
        "duty" => routes.iter().for_each(|&a| market.arcs[a].duty = random.between(-0.3, 3.0)),
        "stock" => {
            let held = flow(market, &routes);
            market.nodes[i].tranches.push(Tranche::stock("stock", held, random.between(1.2, 4.0)));
        }
        "99.9 % of supply lost" => {
            let tranches = market.nodes.iter_mut().flat_map(|n| &mut n.tranches);
            tranches.filter(|t| t.feed != Feed::Ore).for_each(|t| t.capacity *= 1e-3);
        }
        _ => {
            let factor = random.scale(1e-6, 1e6);
            market.nodes[i].base_price *= factor;
        }
    }
}
