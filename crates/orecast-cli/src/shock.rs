//! `orecast shock`: what a restriction, a stop or a duty does within a year, and to whom.

use std::path::PathBuf;

use clap::Args;
use orecast::{
    answer::number::{Style, Unit, figure, runs},
    base::{
        id::{Iso3, MineralId},
        unit::Range,
    },
    params::responses::TimeScale,
    policy::Disruption,
    render::{
        shock::as_csv,
        table::{Align, Table},
    },
    studies::{
        run::names,
        shock::{
            Context, Intervention, InterventionKind, Report, Request, ShockMarket,
            effects::{OUTSIDE, Rent, Zone},
            hindcast::hindcast,
            interventions, run,
        },
    },
    world::{World, names::Subject},
};

use crate::{Outcome, hindcast::price_scores, text};

/// Rows that a table shows.
const SHOWN: usize = 10;
/// Price over the base price beyond which the model's curves were not made.
const CALIBRATED: f64 = 5.0;

/// What a restriction, a stop or a duty does within a year, and to whom
///
/// WHO and WHOM are countries (codes or names) or blocs, several with `+` between; `@mine` or `@refine` names one stage.
#[derive(Args)]
pub(crate) struct Shock {
    /// Mineral, such as `gallium`
    #[arg(required_unless_present = "hindcast")]
    mineral: Option<String>,
    /// How prices moved after dated restrictions, and what the market would have said, beside no change
    #[arg(long, conflicts_with_all = ["mineral", "ban", "quota", "licence", "tax", "duty", "stop", "sanction", "share_cap", "leakage", "case", "leader", "horizon", "why", "csv"])]
    hindcast: bool,
    /// Nothing leaves WHO, or nothing for WHOM: `CHN`, `CHN:USA`, `CHN@refine`
    #[arg(long, value_name = "WHO[:WHOM]")]
    ban: Vec<String>,
    /// No more leaves than a share of past exports or a tonnage: `CHN=50%`, `CHN=1200t`
    #[arg(long, value_name = "WHO=SHARE")]
    quota: Vec<String>,
    /// So much of past exports is licensed, the first after some months: `CHN=60%`, `CHN=60%+3m`
    #[arg(long, value_name = "WHO=SHARE[+DELAY]")]
    licence: Vec<String>,
    /// Exports pay a share of their value: `IDN=20%`
    #[arg(long, value_name = "WHO=RATE")]
    tax: Vec<String>,
    /// Imports of WHO from WHOM pay a share of their value: `USA:CHN=25%`
    #[arg(long, value_name = "WHO:WHOM=RATE")]
    duty: Vec<String>,
    /// Output halts: `KAZ`, `KAZ@refine`
    #[arg(long, value_name = "WHO")]
    stop: Vec<String>,
    /// WHO buys nothing from WHOM: `G7:RUS`
    #[arg(long, value_name = "WHO:WHOM")]
    sanction: Vec<String>,
    /// WHO buys at most a share of its imports from WHOM, or from any one country: `USA:CHN=40%`, `USA=40%`
    #[arg(long, value_name = "WHO[:WHOM]=SHARE")]
    share_cap: Vec<String>,
    /// Share of what bans and sanctions stop that still arrives
    #[arg(long, value_name = "SHARE")]
    leakage: Option<String>,
    /// File with levers of the deal language, see docs/src/shock.md
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// Country to look at
    #[arg(long = "for", value_name = "COUNTRY")]
    leader: Option<String>,
    /// How long the market has had to respond: short (months), medium (a year), long (years)
    #[arg(long, value_name = "TIME")]
    horizon: Option<TimeScale>,
    /// Divide the effect between the interventions
    #[arg(long)]
    why: bool,
    /// Number of draws
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    form: Form,
}

/// How the answer is written.
#[derive(Args)]
struct Form {
    /// Print one JSON document instead of text
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print one CSV table instead of text
    #[arg(long)]
    csv: bool,
}

/// A country by code or name.
pub(crate) fn country(world: &World, text: &str) -> Result<Iso3, String> {
    match world.find(text) {
        Ok(Subject::Country(row)) if !row.iso3.is_aggregate() => Ok(row.iso3),
        Ok(_) => Err(format!("`{text}` is not a country\n    name a country such as USA")),
        Err(error) => Err(error.to_string()),
    }
}

/// A share written as `20%` or `0.2`.
pub(crate) fn share(option: &str, text: &str) -> Result<f64, String> {
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|p| p / 100.0),
        None => text.trim().parse(),
    };
    value
        .ok()
        .filter(|v| (0.0..=1.0).contains(v))
        .ok_or_else(|| format!("--{option} {text}: not a share\n    write a share from 0% to 100%"))
}

/// A mineral by id or name.
fn mineral(world: &World, text: &str) -> Result<MineralId, String> {
    match world.find(text) {
        Ok(Subject::Mineral(row)) => Ok(row.id.clone()),
        Ok(Subject::Country(row)) => Err(format!(
            "`{text}` is a country ({})\n    the mineral comes first: orecast shock gallium --ban CHN",
            row.name
        )),
        Err(error) => Err(error.to_string()),
    }
}

impl Shock {
    pub(crate) fn run(&self, world: &World) -> Outcome {
        let Some(mineral) = self.mineral.as_deref() else {
            let found = hindcast(world, self.draws as usize, self.seed);
            return if self.form.json {
                Ok(serde_json::to_string_pretty(&found)? + "\n")
            } else {
                Ok(price_scores(&found))
            };
        };
        let mineral = self::mineral(world, mineral)?;
        let year = world.base_year().ok_or("the package has no trade")?;
        let file = match &self.case {
            Some(path) => Disruption::load(path, &names(world))?,
            None => Disruption::default(),
        };
        let leader = self.leader.as_deref().map(|text| country(world, text)).transpose()?.or(file.leader);
        let leakage = match &self.leakage {
            Some(text) => share("leakage", text)?,
            None => file.leakage.map_or(0.0, |q| q.range.mid),
        };
        let scale = self.horizon.or(file.horizon).unwrap_or_default();
        // The first look says which stages there are; the second keeps every country apart that is named.
        let stages = ShockMarket::prepare(world, &mineral, year, scale, &[])?.stages();
        let context = Context { world, mineral: &mineral, stages: &stages, year, scale };
        let mut interventions = self.interventions(&context)?;
        let concerns = |lever: &orecast::policy::Lever| {
            lever.minerals().is_empty() || lever.minerals().contains(&mineral)
        };
        let written = file.shocks.into_iter().filter(|(_, commitment)| concerns(&commitment.lever));
        interventions.extend(written.map(|(label, commitment)| Intervention::of_lever(label, commitment)));
        if interventions.is_empty() {
            return Err(format!("nothing happens to {mineral}\n    say what does, such as --ban CHN, or give a --case that names it").into());
        }
        let mut separate: Vec<Iso3> =
            interventions.iter().flat_map(Intervention::countries).chain(leader).collect();
        separate.sort_unstable();
        separate.dedup();
        let shock = ShockMarket::prepare(world, &mineral, year, scale, &separate)?.with_params(file.params);
        let request = Request {
            interventions: &interventions,
            leakage,
            leader,
            draws: self.draws as usize,
            seed: self.seed,
            why: self.why,
        };
        let report = run(world, &shock, &request);
        if self.form.json {
            return Ok(serde_json::to_string_pretty(&report)? + "\n");
        }
        if self.form.csv { Ok(as_csv(&report)?) } else { Ok(as_text(world, &report)) }
    }

    fn interventions(
        &self,
        context: &Context<'_>,
    ) -> Result<Vec<Intervention>, interventions::UnreadableIntervention> {
        let options: [(InterventionKind, &[String]); 8] = [
            (InterventionKind::Ban, &self.ban),
            (InterventionKind::Quota, &self.quota),
            (InterventionKind::Licence, &self.licence),
            (InterventionKind::Tax, &self.tax),
            (InterventionKind::Duty, &self.duty),
            (InterventionKind::Stop, &self.stop),
            (InterventionKind::Sanction, &self.sanction),
            (InterventionKind::ShareCap, &self.share_cap),
        ];
        let texts = options.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)));
        texts.map(|(kind, text)| Intervention::parse(kind, text, context)).collect()
    }
}

/// A price over its base: a bound where the middle lies beyond what the model is made for.
pub(crate) fn ratio(range: Range) -> String {
    if range.mid.is_nan() {
        "nothing to be had".to_owned()
    } else if range.mid > CALIBRATED {
        format!("at least {}", figure(Range::exact(CALIBRATED), &Unit::Ratio, Style::TERMINAL))
    } else {
        figure(range, &Unit::Ratio, Style::TERMINAL).to_string()
    }
}

/// A country as readers know it.
pub(crate) fn name(world: &World, iso3: Iso3) -> String {
    match iso3 {
        Iso3::WORLD => return "World".to_owned(),
        OUTSIDE => return "All others".to_owned(),
        _ => {}
    }
    world.country(iso3).map_or_else(|| iso3.to_string(), |row| row.name.clone())
}

/// A figure whose digits come from its range, or three digits where it has none.
pub(crate) fn short(range: Range, unit: &Unit, style: Style) -> String {
    let exact = range.low == range.high;
    let digits = |value: f64| format!("{value:.2e}").parse().unwrap_or(value);
    let range = if exact { Range::exact(digits(range.mid)) } else { range };
    figure(range, unit, style).to_string()
}

fn millions(range: Range) -> String {
    let usd = Range::new(range.low * 1e6, range.mid * 1e6, range.high * 1e6);
    short(usd, &Unit::Money, Style::TERMINAL.difference())
}

fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::Inside => "restricting countries",
        Zone::Outside => "all others",
    }
}

fn as_text(world: &World, report: &Report) -> String {
    let mass = Unit::parse(&report.basis);
    let tonnes = |range: Range| short(range, &mass, Style::TERMINAL);
    let change = |range: Range| short(range, &mass, Style::TERMINAL.difference());
    let response = match report.scale {
        TimeScale::Short => "first months, at yearly rates",
        TimeScale::Medium => "within a year",
        TimeScale::Long => "after some years",
    };
    let mut out = vec![format!(
        "{} ({}), base year {}: {}\n",
        report.mineral,
        report.basis,
        report.year,
        report.interventions.join("; ")
    )];
    let solved = runs(report.runs.converged, report.runs.draws);
    out.push(format!("Response {response}; solved in {solved}; grade {}\n", report.grade));
    for note in &report.notes {
        out.push(format!("Note: {note}\n"));
    }
    if report.runs.converged == 0 {
        out.push("\nNo draw has an equilibrium, so there is no answer.\n".to_owned());
        return out.concat();
    }
    let columns = |titles: &[(&'static str, Align)]| Table::new(titles.to_vec());

    let mut prices = columns(&[
        ("Sellers' price", Align::Left),
        ("Stage", Align::Left),
        ("Before, USD/t", Align::Right),
        ("After over before", Align::Left),
    ]);
    for row in &report.prices {
        let before = text::number(row.before_usd_per_t, 3);
        let after = if row.ratio.mid.is_nan() { "no sales".to_owned() } else { ratio(row.ratio) };
        prices.row([zone(row.zone).to_owned(), row.stage.to_string(), before, after]);
    }
    out.push(format!("\n{prices}"));

    let mut buyers = columns(&[
        ("Users", Align::Left),
        ("Use before", Align::Right),
        ("Price delivered", Align::Left),
        ("Buy less", Align::Left),
        ("of which stocks", Align::Left),
        ("Loss", Align::Left),
        ("Extra bill", Align::Left),
    ]);
    // The world's sum mixes those who lose with those who gain; it is in the JSON.
    let told = report.buyers.iter().filter(|row| row.country != Iso3::WORLD);
    let losers = told.filter(|row| row.loss_musd.mid > 0.0 || Some(row.country) == report.leader);
    for row in losers.take(SHOWN) {
        let price = if row.country == OUTSIDE { String::new() } else { ratio(row.price_ratio) };
        buyers.row([
            name(world, row.country),
            tonnes(Range::exact(row.use_t)),
            price,
            tonnes(row.shortage_t),
            tonnes(row.from_stocks_t),
            millions(row.loss_musd),
            millions(row.bill_musd),
        ]);
    }
    out.push(format!("\n{buyers}"));

    let mut makers = columns(&[("Producers", Align::Left), ("Stand", Align::Left), ("Gain", Align::Left)]);
    for row in report.producers.iter().filter(|row| row.country != Iso3::WORLD).take(SHOWN / 2 + 1) {
        let stand = if row.country == OUTSIDE { "" } else { zone(row.zone) };
        makers.row([name(world, row.country), stand.to_owned(), millions(row.gain_musd)]);
    }
    out.push(format!("\n{makers}"));

    if report.rents.iter().any(|row| row.musd.high > 0.0) {
        let mut rents =
            columns(&[("Rents and duties", Align::Left), ("To", Align::Left), ("Amount", Align::Left)]);
        for row in report.rents.iter().take(SHOWN / 2) {
            let what = match row.kind {
                Rent::Licences => "licences",
                Rent::Smuggling => "getting round the ban",
                Rent::ExportTax => "export tax",
                Rent::ImportDuty => "import duty",
            };
            rents.row([what.to_owned(), name(world, row.country), millions(row.musd)]);
        }
        out.push(format!("\n{rents}"));
    }

    let mut flows = columns(&[
        ("Flows", Align::Left),
        ("Stage", Align::Left),
        ("Before", Align::Right),
        ("Change", Align::Left),
    ]);
    for row in report.flows.iter().take(SHOWN) {
        let route = format!("{} to {}", name(world, row.exporter), name(world, row.importer));
        flows.row([route, row.stage.to_string(), tonnes(Range::exact(row.before_t)), change(row.change_t)]);
    }
    out.push(format!("\n{flows}"));

    if !report.byproducts.is_empty() {
        let share = |range: Range| figure(range, &Unit::Share, Style::TERMINAL).to_string();
        let mut table = columns(&[
            ("Comes out of it", Align::Left),
            ("Share", Align::Right),
            ("World output, of before", Align::Left),
            ("World price", Align::Left),
        ]);
        for row in &report.byproducts {
            let part = share(Range::exact(row.host_share));
            table.row([row.mineral.to_string(), part, share(row.output_ratio), ratio(row.price_ratio)]);
        }
        out.push(format!("\n{table}"));
    }
    if !report.why.is_empty() {
        let mut table = columns(&[
            ("Why (middle case)", Align::Left),
            ("Price", Align::Right),
            ("Buy less", Align::Right),
            ("Loss", Align::Right),
        ]);
        let price =
            |change: f64| short(Range::exact(change * 100.0), &Unit::Percent, Style::TERMINAL.difference());
        for row in &report.why {
            table.row([
                row.label.clone(),
                price(row.price_change).replace("pp", "%"),
                change(Range::exact(row.shortage_t)),
                millions(Range::exact(row.loss_musd)),
            ]);
        }
        out.push(format!("\n{table}"));
    }
    if report.runs.beyond_range > 0 {
        let beyond = runs(report.runs.beyond_range, report.runs.draws);
        out.push(format!(
            "\nIn {beyond} some seller's price left a fifth to five times its base, beyond which nothing was calibrated.\n"
        ));
    }
    out.push(
        "Ranges hold 9 in 10 draws of uncertain responses; amounts are per year at base-year prices.\n"
            .to_owned(),
    );
    out.concat()
}
