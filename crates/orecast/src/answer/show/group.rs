//! What a group of countries mines and refines together.

use super::{Cell, Figure, Section, Sentence, Table, View, share};
use crate::{
    answer::view::{cited, country_name},
    base::{id::SourceId, unit::Range},
    world::{
        World,
        show::{GroupSheet, Quantity},
    },
};

/// The members of a group and what they make together.
pub fn view(world: &World, sheet: &GroupSheet) -> View {
    let mut view = View::new(format!("{}: {} countries in {}", sheet.name, sheet.members.len(), sheet.year));
    let names: Vec<String> = sheet.members.iter().map(|&iso3| country_name(world, iso3)).collect();
    view.say(Sentence::new("members", format!("Members: {}.", names.join(", "))));
    for quantity in Quantity::ALL {
        let mut table = Table::titled([
            "Mineral",
            "Stage",
            "Year",
            ">Together",
            ">World share",
            "Largest members",
            "Grade",
        ]);
        for line in sheet.lines.iter().filter(|line| line.quantity == quantity) {
            let members: Vec<String> = line
                .members
                .iter()
                .take(3)
                .map(|&(iso3, share)| {
                    format!("{} {}", country_name(world, iso3), Figure::share(Range::exact(share)).text)
                })
                .collect();
            let secret = world.has_confidential();
            let together =
                Figure::derived(Range::exact(line.tonnes), "t").graded(line.grade).secret_if(secret);
            table.sum([
                Cell::mineral(world, &line.mineral),
                line.stage.into(),
                Cell::Year { text: line.year },
                if line.lacking == 0 { together } else { together.said(|text| format!("> {text}")) }.into(),
                share(world, line.share),
                members.join(", ").into(),
                line.grade.into(),
            ]);
        }
        view.push(Section::of(quantity.as_str(), super::country::heading(quantity), table));
    }
    view.note(
        "Sums of the selected figures of the members, of the newest year of each list; \"more than\" where a member's figure is withheld. \
         The members' shares are of the group.",
    );
    let sources: Vec<&SourceId> = sheet.lines.iter().flat_map(|line| &line.sources).collect();
    view.sources = cited(world, sources);
    view
}
