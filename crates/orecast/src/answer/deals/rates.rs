//! How often a promise becomes the next step.

use super::super::{
    figure::Figure,
    parts::Facts,
    view::{Cell, Section, Table, View},
};
use crate::{
    base::unit::Range,
    register::rate::{PRIORS, Rate},
};

/// Observed rates with what each starts from.
pub fn rates(found: &[Rate]) -> View {
    let mut view = View::new("How often a promise becomes the next step");
    let mut table = Table::titled([
        "Rate",
        ">Cases",
        ">Went on",
        ">Lapsed or late",
        ">Open",
        ">Open count as",
        ">Set aside (went on)",
        ">Mean",
        "Prior",
        "Months taken",
    ]);
    for rate in found {
        let months = rate
            .months
            .iter()
            .map(|months| if *months < 3.0 { format!("{months:.1}") } else { format!("{months:.0}") });
        table.row([
            rate.prior.name.into(),
            Cell::count(rate.n),
            Cell::count(rate.converted),
            Cell::count(rate.lapsed),
            Cell::count(rate.open),
            Figure::derived(Range::exact(rate.open_weight), "").into(),
            format!("{} ({})", rate.set_aside, rate.set_aside_converted).into(),
            Figure::share(Range::new(rate.range.low, rate.mean, rate.range.high)).into(),
            format!("Beta({}, {})", rate.prior.a, rate.prior.b).into(),
            months.collect::<Vec<_>>().join(", ").into(),
        ]);
    }
    view.push(Section::of("rates", "", table));
    let mut priors = Facts::new();
    for prior in PRIORS {
        let delay =
            prior.median_months.map(|months| format!("; median delay {months} months")).unwrap_or_default();
        priors.group(prior.name, prior.meaning);
        priors.say("", format!("prior Beta({}, {}){delay}: {}", prior.a, prior.b, prior.basis));
    }
    view.push(priors.section("priors", "What each rate starts from"));
    view.note(
        "Set aside: recorded because of how they ended, so not counted. An open case counts as the share of next steps that would \
         have come by its age. Ranges hold 9 in 10 of the posterior.",
    );
    view
}
