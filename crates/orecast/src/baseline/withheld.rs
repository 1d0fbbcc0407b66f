//! Output that a table names without a figure: withheld by the publisher, or not known to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    observed::{Output, Prior},
    reliance::{Step, net_imports, usable},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Stage},
    },
    world::{World, table::MineralRow},
};

/// What a world total leaves must exceed this share of it, or it is rounding.
const ROUNDING: f64 = 0.01;
/// Doubt of an output that follows from net imports and a published reliance: a figure, or a bound.
const FROM_FIGURE: f64 = 0.4;
const FROM_BOUND: f64 = 0.7;
/// Doubt of an even part of what a world total leaves.
const EVEN_PART: f64 = 1.0;

/// Output by country, the withheld filled.
#[derive(Debug, Default)]
pub(super) struct Completed {
    /// Output above zero.
    pub known: BTreeMap<Iso3, Prior>,
    /// Countries whose filled output the published world total does not hold.
    pub beyond_total: Vec<Iso3>,
    /// Countries whose output is published as nothing.
    pub none: BTreeSet<Iso3>,
    /// Whether the publisher's "other countries" are published as making nothing: then nobody unnamed makes anything.
    pub is_closed: bool,
}

/// Fills withheld output: from the country's net imports and its published reliance where there is one, else with an
/// even part of what the world total leaves. Where the total leaves nothing but rounding, it does not hold the withheld output.
pub(super) fn complete(
    world: &World,
    mineral: &MineralRow,
    (stage, year): (Stage, i32),
    counts_all_forms: bool,
    output: &Output,
) -> Completed {
    let mut filled = Completed {
        known: output.known.iter().filter(|(_, p)| p.value > 0.0).map(|(&c, &p)| (c, p)).collect(),
        beyond_total: Vec::new(),
        none: output
            .known
            .iter()
            .filter(|(c, p)| p.value <= 0.0 && !c.is_aggregate())
            .map(|(&c, _)| c)
            .collect(),
        is_closed: output.known.get(&Iso3::REST).is_some_and(|rest| rest.value <= 0.0),
    };
    let total = output.world.map_or(0.0, |world| world.value);
    let left = (total - output.total()).max(0.0);
    let is_held = left > ROUNDING * total;
    for &country in &output.unknown {
        let implied = implied(world, mineral, (stage, year), counts_all_forms, country);
        let prior = match implied {
            Some(prior) if is_held => Prior { value: prior.value.min(left), ..prior },
            Some(prior) => prior,
            None if is_held => {
                let value = left / output.unknown.len() as f64;
                Prior { value, sigma: EVEN_PART, grade: Grade::C }
            }
            None => continue,
        };
        filled.known.insert(country, prior);
        if !is_held && total > 0.0 {
            filled.beyond_total.push(country);
        }
    }
    filled
}

/// Output that net imports `N` and a reliance `R` imply: `N (1 − R) / R`.
fn implied(
    world: &World,
    mineral: &MineralRow,
    (stage, year): (Stage, i32),
    counts_all_forms: bool,
    country: Iso3,
) -> Option<Prior> {
    let row = usable(world, &mineral.id, year)
        .filter(|row| row.iso3 == country)
        .filter(|row| row.stage == Some(stage) || (row.stage.is_none() && counts_all_forms))
        .min_by_key(|row| !row.product.is_empty())?;
    let step = Step::of(row)?;
    let imports = net_imports(world, &mineral.id, row.stage, country, year);
    let value = imports * (1.0 - step.middle) / step.middle;
    let sigma = if step.is_figure() { FROM_FIGURE } else { FROM_BOUND };
    (value > 0.0).then_some(Prior { value, sigma, grade: Grade::C })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{baseline::observed::output, testing::MiniPackage, testing::id};

    fn completed(package: &MiniPackage) -> Completed {
        let world = package.load().unwrap();
        let mineral = world.mineral("tungsten").unwrap();
        complete(&world, mineral, (Stage::Mine, 2024), true, &output(&world, mineral, Stage::Mine, 2024))
    }

    #[test]
    fn a_bound_and_net_imports_imply_what_is_withheld() {
        let filled = completed(&MiniPackage::new());
        // Imports of 1,500 t and "more than 50 %", read as 50 to 75 %.
        let usa = filled.known[&id("USA")];
        assert!((usa.value - 1500.0 * 0.375 / 0.625).abs() < 1e-9, "{usa:?}");
        assert_eq!((usa.sigma, usa.grade), (FROM_BOUND, Grade::C));
        assert!(filled.beyond_total.is_empty(), "the world total leaves room for it");
        assert!(!filled.known.contains_key(&id("KAZ")), "zero is known, not withheld");
    }

    #[test]
    fn a_world_total_that_leaves_only_rounding_does_not_hold_what_is_withheld() {
        let old = "tungsten,mine,WLD,2024,81000,,,81000";
        let filled = completed(&MiniPackage::new().with(
            "production.csv",
            old,
            "tungsten,mine,WLD,2024,70500,,,70500",
        ));
        assert_eq!(filled.beyond_total, [id("USA")]);
        assert!(filled.known[&id("USA")].value > 800.0);
    }

    #[test]
    fn without_a_reliance_an_even_part_of_the_rest_is_taken_or_nothing() {
        let reliance = "tungsten,,tungsten,USA,2024,50,at-least";
        let none = "tungsten,,tungsten,USA,2023,50,at-least";
        let filled = completed(&MiniPackage::new().with("import_reliance.csv", reliance, none));
        assert_eq!(filled.known[&id("USA")].value, 81_000.0 - 67_000.0 - 3400.0);
        let package = MiniPackage::new().with("import_reliance.csv", reliance, none).with(
            "production.csv",
            "tungsten,mine,WLD,2024,81000,,,81000",
            "tungsten,mine,WLD,2024,70500,,,70500",
        );
        assert!(!completed(&package).known.contains_key(&id("USA")));
    }
}
