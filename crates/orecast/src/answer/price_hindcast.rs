//! Prices after dated restrictions: what was seen, and what the market would have said.

use super::{
    figure::Figure,
    view::{Cell, Column, Section, Sentence, Table, View},
};
use crate::{base::unit::Range, studies::shock::hindcast::PriceHindcast, world::World};

/// Every event that could be run, how often the model was closer than no change, and what could not be run.
pub fn view(world: &World, found: &[PriceHindcast]) -> View {
    let mut view = View::new(
        "Price after dated restrictions over the price before: published, and in the market outside the restricting country",
    );
    let mut table = Table::new([
        Column::words("Event"),
        Column::words("Mineral"),
        Column::words("Price"),
        Column::words("Window"),
        Column::numbers("Base year"),
        Column::words("Run as"),
        Column::numbers("Observed"),
        Column::numbers("Model"),
        Column::words("Closer"),
    ]);
    let mut left_out = Table::titled(["Mineral", "Event", "Price", ">Observed", "Why not"]);
    let mut scores: Vec<[f64; 2]> = Vec::new();
    let mut within = 0;
    for one in found {
        let event = &one.event;
        let observed = Figure::derived(Range::exact(one.observed), "ratio");
        let (Some(model), Some([error, none]), Some(year)) = (one.model, one.errors(), event.base_year)
        else {
            left_out.row([
                Cell::mineral(world, &event.mineral),
                event.event.clone().into(),
                event.product.clone().into(),
                observed.into(),
                one.why_not.clone().into(),
            ]);
            continue;
        };
        within += usize::from(model.low <= one.observed && one.observed <= model.high);
        scores.push([error, none]);
        let assumed = if event.assumed { ", assumed" } else { "" };
        table.row([
            event.event.clone().into(),
            Cell::mineral(world, &event.mineral),
            event.product.clone().into(),
            event.window.clone().into(),
            Cell::Year { text: year },
            format!("{} {}, {}{assumed}", event.option, event.argument, event.horizon).into(),
            observed.into(),
            Figure::price_ratio(model).into(),
            if error < none { "model" } else { "no change" }.into(),
        ]);
    }
    view.say(summary(&scores, within));
    view.push(Section::of("events", "", table));
    view.push(Section::of("not-run", "Not run", left_out));
    view.note(
        "Assumed: nobody published what still left. Ranges hold 9 in 10 draws of uncertain responses; beyond five times the price before nothing was calibrated.",
    );
    view
}

/// How often the model was closer, and by what factor each was off.
fn summary(scores: &[[f64; 2]], within: usize) -> Sentence {
    if scores.is_empty() {
        return Sentence::new("score", "No event could be run, so nothing is compared.");
    }
    let middle = |of: usize| {
        let mut list: Vec<f64> = scores.iter().map(|errors| errors[of]).collect();
        list.sort_by(f64::total_cmp);
        Figure::derived(Range::exact(list[list.len() / 2].exp()), "ratio")
    };
    let closer = scores.iter().filter(|errors| errors[0] < errors[1]).count();
    let (model, none) = (middle(0), middle(1));
    let text = format!(
        "{} runs: model closer in {closer}, no change in {}; observed within the model's range in {within}. Off by a factor of (median): model {}, no change {}.",
        scores.len(),
        scores.len() - closer,
        model.text,
        none.text,
    );
    Sentence::new("score", text).with("model", model).with("no-change", none)
}
