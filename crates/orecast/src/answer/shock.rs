//! What a shock does within a year: prices, users, producers, rents, flows, by-products, and why.

use super::{
    figure::Figure,
    number::runs,
    view::{Cell, Column, Section, Sentence, Table, View, Why, mineral_name, with_article},
};
use crate::{
    base::{
        id::Iso3,
        unit::{Grade, Range},
    },
    indicator::Group,
    params::responses::TimeScale,
    studies::shock::{
        Report,
        effects::{OUTSIDE, Rent, Zone},
        report::{Buyer, BuyerRow},
    },
    world::World,
};

/// Rows of a table.
const SHOWN: usize = 10;
/// Rows of a table that says less.
const FEW: usize = 5;

/// What the answer does not cover.
pub fn limits() -> Vec<String> {
    [
        "what is lost beyond the mineral's own users",
        "hoarding and the first days after news",
        "responses of governments",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A price over the base price; nothing can be had where it is no number.
pub(super) fn price(range: Range) -> Cell {
    if range.mid.is_nan() {
        Cell::Absent { why: Why::NotDefined, text: "nothing to be had".to_owned() }
    } else {
        Figure::price_ratio(range).into()
    }
}

/// What shocks may not claim: a counterfactual is never observed.
const fn at_best_derived(grade: Grade) -> Grade {
    match grade {
        Grade::A => Grade::B,
        other => other,
    }
}

struct Words<'a> {
    world: &'a World,
    report: &'a Report,
    leader: Option<&'a Group>,
    grade: Grade,
}

/// What a shock says; `leader` is whom it looks at.
pub fn view(world: &World, report: &Report, leader: Option<&Group>) -> View {
    let words = Words { world, report, leader, grade: at_best_derived(report.grade) };
    let name = mineral_name(world, &report.mineral);
    let title =
        format!("{name} ({}), base year {}: {}", report.basis, report.year, report.interventions.join("; "));
    let mut view = View::new(title);
    for (place, note) in report.notes.iter().enumerate() {
        view.say(Sentence::new(format!("note-{}", place + 1), format!("Note: {note}.")));
    }
    if report.runs.converged == 0 {
        view.say(Sentence::new("no-answer", "No draw has an equilibrium, so there is no answer."));
        return view;
    }
    view.lead.extend(words.sentence());
    for section in [
        words.prices(),
        words.users(),
        words.producers(),
        words.rents(),
        words.flows(),
        words.byproducts(),
        words.why(),
    ] {
        view.push(section);
    }
    view.note(words.response());
    if report.runs.beyond_range > 0 {
        let beyond = runs(report.runs.beyond_range, report.runs.draws);
        view.note(format!(
            "In {beyond} some seller's price left a fifth to five times its base, beyond which nothing was calibrated."
        ));
    }
    view
}

impl Words<'_> {
    fn tonnes(&self, range: Range) -> Figure {
        Figure::derived(range, &self.report.basis).graded(self.grade)
    }

    fn change(&self, range: Range) -> Figure {
        Figure::change(range, &self.report.basis).graded(self.grade)
    }

    fn money(&self, range: Range) -> Figure {
        Figure::change(range, "M USD").graded(self.grade)
    }

    fn country(&self, iso3: Iso3) -> Cell {
        Cell::country(self.world, iso3)
    }

    /// What those who are looked at pay, buy and lose; else all who do not restrict.
    fn sentence(&self) -> Option<Sentence> {
        let code = self.leader.map_or_else(|| OUTSIDE.to_string(), Group::code);
        let row = self.report.buyers.iter().find(|row| row.country.as_str() == code)?;
        let (less, loss) =
            (self.tonnes(row.shortage_t), Figure::derived(row.loss_musd, "M USD").graded(self.grade));
        let (who, ratio) = match self.leader {
            Some(group) => (format!("Users in {}", with_article(&group.name)), row.price_ratio),
            None => ("Users outside the restricting countries".to_owned(), self.outside()?),
        };
        if ratio.mid.is_nan() {
            let text =
                format!("{who} can buy nothing: purchases down by {}, loss {} a year.", less.text, loss.text);
            return Some(Sentence::new("users", text).with("shortage", less).with("loss", loss));
        }
        let ratio = Figure::price_ratio(ratio).graded(self.grade);
        let text = format!(
            "{who} pay {} the base price; purchases down by {}; loss {} a year.",
            ratio.text, less.text, loss.text
        );
        Some(Sentence::new("users", text).with("price", ratio).with("shortage", less).with("loss", loss))
    }

    /// Price of the last stage among those who do not restrict.
    fn outside(&self) -> Option<Range> {
        let outside = self.report.prices.iter().filter(|row| row.zone == Zone::Outside);
        outside.max_by_key(|row| row.stage).map(|row| row.ratio)
    }

    fn prices(&self) -> Section {
        let mut table = Table::titled(["Sellers", "Stage", ">Before", ">After over before"]);
        for row in &self.report.prices {
            let after = if row.ratio.mid.is_nan() {
                Cell::Absent { why: Why::NotDefined, text: "no sales".to_owned() }
            } else {
                Figure::price_ratio(row.ratio).graded(self.grade).into()
            };
            table.row([
                zone(row.zone).into(),
                row.stage.into(),
                Figure::derived(Range::exact(row.before_usd_per_t), "USD/t").into(),
                after,
            ]);
        }
        Section::of("prices", "Sellers' prices", table)
    }

    fn users(&self) -> Section {
        let mut table = Table::new([
            Column::words("Users in").named("country"),
            Column::numbers("Use before"),
            Column::numbers("Price delivered"),
            Column::numbers("Buy less"),
            Column::numbers("of which stocks"),
            Column::numbers("Loss"),
            Column::numbers("Extra bill"),
        ]);
        let code = self.leader.map(Group::code);
        let is_leader = |row: &BuyerRow| code.as_deref() == Some(row.country.as_str());
        let cells = |row: &BuyerRow| {
            let who = match &row.country {
                Buyer::Country(iso3) => self.country(*iso3),
                Buyer::Group(name) => name.clone().into(),
            };
            let is_sum = row.country == Buyer::Country(OUTSIDE);
            [
                who,
                self.tonnes(Range::exact(row.use_t)).into(),
                if is_sum { Cell::Empty } else { price(row.price_ratio) },
                self.tonnes(row.shortage_t).into(),
                self.tonnes(row.from_stocks_t).into(),
                self.money(row.loss_musd).into(),
                self.money(row.bill_musd).into(),
            ]
        };
        // The world's sum mixes those who lose with those who gain; it is in the data.
        let countries = self.report.buyers.iter().filter(|row| {
            !matches!(row.country, Buyer::Country(Iso3::WORLD | OUTSIDE))
                && (row.loss_musd.mid > 0.0 || is_leader(row))
        });
        let all = countries.clone().count();
        for row in countries.take(SHOWN) {
            match row.country {
                Buyer::Group(_) => table.sum(cells(row)),
                Buyer::Country(_) => table.row(cells(row)),
            }
        }
        let outside = self.report.buyers.iter().find(|row| row.country == Buyer::Country(OUTSIDE));
        if let Some(row) = outside {
            table.sum(cells(row));
        }
        let first =
            if all > SHOWN { format!("The first {SHOWN} of {all} that lose. ") } else { String::new() };
        Section::of("users", "Users", table).with_note(format!(
            "{first}All others: everyone who does not restrict, together. Loss: what users lose by paying more and by giving up \
             use, the area beside the demand curve. Extra bill: what they spend more in all; it falls where they give up use."
        ))
    }

    fn producers(&self) -> Section {
        let mut table = Table::new([
            Column::words("Producers in").named("country"),
            Column::words("Among"),
            Column::numbers("Gain"),
        ]);
        let rows = self.report.producers.iter();
        for row in rows.clone().filter(|row| !row.country.is_aggregate()).take(FEW) {
            table.row([self.country(row.country), zone(row.zone).into(), self.money(row.gain_musd).into()]);
        }
        for row in rows.filter(|row| row.country == OUTSIDE) {
            table.sum([self.country(row.country), Cell::Empty, self.money(row.gain_musd).into()]);
        }
        Section::of("producers", "Producers", table)
    }

    fn rents(&self) -> Section {
        let mut table = Table::titled(["Rent or duty", "Goes to", ">Amount"]);
        for row in self.report.rents.iter().filter(|row| row.musd.high > 0.0).take(FEW) {
            let what = match row.kind {
                Rent::Licences => "licences",
                Rent::Smuggling => "getting round the ban",
                Rent::ExportTax => "export tax",
                Rent::ImportDuty => "import duty",
            };
            table.row([what.into(), self.country(row.country), self.money(row.musd).into()]);
        }
        Section::of("rents", "Rents and duties", table)
    }

    fn flows(&self) -> Section {
        let mut table = Table::titled(["From", "To", "Stage", ">Before", ">Change"]);
        for row in self.report.flows.iter().take(SHOWN) {
            table.row([
                self.country(row.exporter),
                self.country(row.importer),
                row.stage.into(),
                self.tonnes(Range::exact(row.before_t)).into(),
                self.change(row.change_t).into(),
            ]);
        }
        let all = self.report.flows.len();
        let first =
            if all > SHOWN { format!("The {SHOWN} largest changes of {all}.") } else { String::new() };
        Section::of("flows", "Flows", table).with_note(first)
    }

    fn byproducts(&self) -> Section {
        let mut table =
            Table::titled(["Comes out of it", ">Share", ">World output, of before", ">World price"]);
        for row in &self.report.byproducts {
            table.row([
                Cell::mineral(self.world, &row.mineral),
                Figure::share(Range::exact(row.host_share)).into(),
                Figure::share(row.output_ratio).graded(self.grade).into(),
                Figure::price_ratio(row.price_ratio).graded(self.grade).into(),
            ]);
        }
        Section::of("byproducts", "By-products", table)
    }

    fn why(&self) -> Section {
        let mut table = Table::titled(["Intervention", ">Price over base", ">Buy less", ">Loss"]);
        for row in &self.report.why {
            table.row([
                row.label.clone().into(),
                Figure::change(Range::exact(row.price_change), "ratio").graded(self.grade).into(),
                self.change(Range::exact(row.shortage_t)).into(),
                self.money(Range::exact(row.loss_musd)).into(),
            ]);
        }
        let who = self.leader.map_or_else(|| "the world".to_owned(), |group| with_article(&group.name));
        Section::of("why", "What each intervention contributes (middle case)", table)
            .with_note(format!("For {who}; Shapley values, so the rows add up to the whole."))
    }

    fn response(&self) -> String {
        let response = match self.report.scale {
            TimeScale::Short => "in the first months, at yearly rates",
            TimeScale::Medium => "within a year",
            TimeScale::Long => "after some years",
        };
        let solved = runs(self.report.runs.converged, self.report.runs.draws);
        format!(
            "Response {response}; solved in {solved}; grade {}. Ranges hold 9 in 10 draws of uncertain responses; amounts are per year at base-year prices.",
            self.grade
        )
    }
}

const fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Inside => "restricting countries",
        Zone::Outside => "all others",
    }
}
