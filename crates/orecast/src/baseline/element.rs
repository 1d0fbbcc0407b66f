//! One element of an aggregate market, such as dysprosium of the rare earths, as a baseline of its own.

use std::collections::BTreeMap;

use super::{Baseline, Entry, Quantity};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Grade, Stage},
    },
    world::{World, table::BasketRow},
};

/// Share of an element in what each country sells at the first stage: its own row of `baskets.csv`, else the world's,
/// else that of the countries without one.
struct Basket<'w> {
    rows: BTreeMap<Iso3, &'w BasketRow>,
}

impl<'w> Basket<'w> {
    fn of(world: &'w World, market: &MineralId, element: &MineralId, stage: Stage) -> Option<Self> {
        let fits = |row: &&BasketRow| row.mineral == *element && row.of == *market && row.stage == stage;
        let rows: BTreeMap<_, _> =
            world.tables().baskets.iter().filter(fits).map(|row| (row.iso3, row)).collect();
        (!rows.is_empty()).then_some(Self { rows })
    }

    fn share(&self, country: Iso3) -> (f64, Grade) {
        let row = [country, Iso3::WORLD, Iso3::REST].iter().find_map(|place| self.rows.get(place));
        row.map_or((0.0, Grade::C), |row| (row.mid, row.grade))
    }
}

impl Baseline {
    /// The part of this market that one of its elements makes up: every flow of ore holds the element in the proportion
    /// of the country that mined it, and a refinery sells it in the proportion of the ore it takes in, so that every mass
    /// balance of the whole holds for the part. Absent where no basket says what the ore holds.
    pub fn element(&self, world: &World, element: &MineralId) -> Option<Self> {
        let first = if self.two_stages { Stage::Mine } else { self.last_stage };
        let basket = Basket::of(world, &self.mineral, element, first)?;
        let mut intake: BTreeMap<Iso3, (f64, f64)> = BTreeMap::new();
        let (mut held, mut mined) = (0.0, 0.0);
        for entry in &self.entries {
            match entry.quantity {
                Quantity::OreFlow(from, to) => {
                    let sums = intake.entry(to).or_default();
                    sums.0 += entry.value * basket.share(from).0;
                    sums.1 += entry.value;
                }
                Quantity::Mined(from) => {
                    held += entry.value * basket.share(from).0;
                    mined += entry.value;
                }
                _ => {}
            }
        }
        // Who takes in no ore sells what the world's ore holds.
        let mixed = |place: Iso3| {
            let (part, whole) = intake.get(&place).copied().unwrap_or((held, mined));
            (part / whole, Grade::C)
        };
        let share = |quantity: Quantity| match quantity {
            Quantity::Mined(c) | Quantity::OreFlow(c, _) => basket.share(c),
            Quantity::Refined(c) | Quantity::ProductFlow(c, _) if !self.two_stages => basket.share(c),
            Quantity::OreUse(c)
            | Quantity::Intake(c)
            | Quantity::Scrap(c)
            | Quantity::Refined(c)
            | Quantity::ProductFlow(c, _) => mixed(c),
        };
        let part = |entry: &Entry| {
            let (share, grade) = share(entry.quantity);
            let (value, prior) = (share * entry.value, share * entry.prior);
            (value > 0.0).then(|| Entry { value, prior, grade: entry.grade.max(grade), ..entry.clone() })
        };
        Some(Self {
            mineral: element.clone(),
            entries: self.entries.iter().filter_map(part).collect(),
            transit: Vec::new(),
            beyond_total: Vec::new(),
            left_out: Vec::new(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{path::PathBuf, sync::LazyLock};

    use super::*;
    use crate::testing::id;

    static WORLD: LazyLock<World> =
        LazyLock::new(|| World::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap());

    #[test]
    fn a_part_keeps_the_balances_of_the_whole_and_follows_the_ore() {
        let whole = Baseline::build(&WORLD, "rare_earths", 2024, &[id("USA")]).unwrap();
        let part = whole.element(&WORLD, &id("dysprosium")).unwrap();
        let sum = |pick: &dyn Fn(Quantity) -> bool| -> f64 {
            part.entries.iter().filter(|e| pick(e.quantity)).map(|e| e.value).sum()
        };
        for (country, mined) in part.output(Stage::Mine) {
            let sold = sum(&|q| matches!(q, Quantity::OreFlow(from, _) if from == country));
            assert!((sold / mined - 1.0).abs() < 1e-6, "{country}");
        }
        for (country, made) in part.output(Stage::Refine) {
            let taken = part.recovery * part.value(Quantity::Intake(country));
            let scrap = part.value(Quantity::Scrap(country));
            assert!(((taken + scrap) / made - 1.0).abs() < 1e-6, "{country}");
            let sold = sum(&|q| matches!(q, Quantity::ProductFlow(from, _) if from == country));
            assert!((sold / made - 1.0).abs() < 1e-6, "{country}");
        }
        // Dysprosium comes out of clay, cerium out of bastnäsite.
        let share = |element: &str, country: &str| {
            let part = whole.element(&WORLD, &id(element)).unwrap();
            let list = part.output(Stage::Mine);
            let all: f64 = list.iter().map(|(_, tonnes)| tonnes).sum();
            list.iter().find(|(c, _)| *c == id(country)).map_or(0.0, |(_, tonnes)| tonnes / all)
        };
        assert!(share("dysprosium", "MMR") > 2.0 * share("cerium", "MMR"));
        assert!(share("dysprosium", "USA") < share("cerium", "USA"));
        assert!(whole.element(&WORLD, &id("tungsten")).is_none());
    }
}
