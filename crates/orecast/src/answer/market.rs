//! One mineral and year as a market: its sellers, and its solution.

use serde::Serialize;

use super::{
    figure::Figure,
    parts::plural,
    view::{Cell, Section, Sentence, Table, View, Why},
};
use crate::{
    base::{
        id::{Iso3, MineralId},
        unit::{Range, Stage},
    },
    market::{Equilibrium, Market, Status},
};

/// A seller at the solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seller {
    /// Country.
    pub country: Iso3,
    /// Stage.
    pub stage: Stage,
    /// Product, where it is not that of the stage.
    pub product: Option<String>,
    /// Output, tonnes.
    pub output: f64,
    /// Price, USD/t; absent where it cannot sell.
    pub price: Option<f64>,
    /// Price over the base price.
    pub price_ratio: Option<f64>,
}

/// A solution with the names that its numbers belong to.
#[derive(Debug, Clone, Serialize)]
pub struct Solved {
    /// Mineral.
    pub mineral: MineralId,
    /// Year of the calibration.
    pub year: i32,
    /// What a tonne counts.
    pub basis: String,
    /// Sellers, in the order of the market.
    pub sellers: Vec<Seller>,
    /// The solution.
    #[serde(flatten)]
    pub solution: Equilibrium,
}

impl Solved {
    /// A market's solution by seller.
    pub fn of(market: &Market, solution: Equilibrium) -> Self {
        let seller = |(i, node): (usize, &crate::market::Node)| Seller {
            country: node.country,
            stage: node.stage,
            product: node.product.as_ref().map(ToString::to_string),
            output: solution.node_output(i),
            price: solution.price[i],
            price_ratio: solution.price[i].map(|price| price / node.base_price),
        };
        Self {
            mineral: market.mineral.clone(),
            year: market.year,
            basis: market.basis.clone(),
            sellers: market.nodes.iter().enumerate().map(seller).collect(),
            solution,
        }
    }
}

/// Sellers of a market with the prices that it starts from.
pub fn market(market: &Market) -> View {
    let mut view = View::new(format!("Market of {}, {}", market.mineral, market.year));
    view.say(Sentence::new(
        "size",
        format!(
            "{}, {}, {}.",
            plural(market.nodes.len(), "seller"),
            plural(market.users.len(), "user"),
            plural(market.arcs.len(), "route")
        ),
    ));
    let mut table = Table::titled(["Seller", "Stage", "Product", ">Base price", ">Cost steps"]);
    for node in &market.nodes {
        table.row([
            Cell::Country { iso3: node.country, text: node.country.to_string() },
            node.stage.into(),
            node.product.as_ref().map_or(Cell::Empty, |product| product.clone().into()),
            Figure::derived(Range::exact(node.base_price), "USD/t").into(),
            Cell::count(node.tranches.len()),
        ]);
    }
    view.push(Section::of("sellers", "", table));
    view.note(format!("Quantities are in {}; the market itself is in the data.", market.basis));
    view
}

/// Prices and outputs of a solution, with its certificate; how it ended is said first.
pub fn solution(solved: &Solved) -> View {
    let Solved { mineral, year, basis, sellers, solution } = solved;
    let word = match solution.status {
        Status::Converged => "converged",
        Status::Infeasible => "infeasible: a committed flow or a floor price cannot be met",
        Status::NotConverged => "did not converge",
    };
    let mut view = View::new(format!("{mineral} {year}: {word}"));
    let certificate = &solution.certificate;
    let beyond = plural(certificate.beyond_range.len(), "seller");
    view.say(Sentence::new(
        "certificate",
        format!(
            "Largest relative excess {:.1e}, {}, {beyond} beyond the calibrated range.",
            certificate.excess,
            plural(certificate.iterations, "step"),
        ),
    ));
    let mut table = Table::titled(["Seller", "Stage", "Product", ">Output", ">Price", ">Price over base"]);
    for seller in sellers {
        let exact = |value: f64, unit: &str| Figure::derived(Range::exact(value), unit).into();
        let cannot = Cell::Absent { why: Why::NotDefined, text: "cannot sell".to_owned() };
        table.row([
            Cell::Country { iso3: seller.country, text: seller.country.to_string() },
            seller.stage.into(),
            seller.product.clone().unwrap_or_default().into(),
            exact(seller.output, basis),
            seller.price.map_or(cannot, |price| exact(price, "USD/t")),
            seller.price_ratio.map_or(Cell::Empty, |ratio| Figure::price_ratio(Range::exact(ratio)).into()),
        ]);
    }
    view.push(Section::of("sellers", "", table));
    view
}
