//! A case file: whether it is sound, what its clauses do, a first draft.

use serde::Serialize;

use super::{
    explain::Clause,
    figure::Figure,
    parts::{Facts, plural, years},
    view::{Cell, Section, Sentence, Table, View},
};
use crate::{
    base::id::ArmId,
    policy::{Arm, Case},
};

/// An arm and how much it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArmLine {
    /// Name.
    pub id: ArmId,
    /// Title.
    pub title: String,
    /// Clauses and shocks.
    pub clauses: usize,
}

/// The arms of a case.
pub fn arms(case: &Case) -> Vec<ArmLine> {
    let line =
        |arm: &Arm| ArmLine { id: arm.id.clone(), title: arm.title.clone(), clauses: arm.events().count() };
    case.arms.iter().map(line).collect()
}

fn arms_table(arms: &[ArmLine]) -> Section {
    let mut table = Table::titled(["Arm", "Title", ">Clauses"]);
    for arm in arms {
        table.row([arm.id.to_string().into(), arm.title.clone().into(), Cell::count(arm.clauses)]);
    }
    Section::of("arms", "", table)
}

/// That a case is sound.
pub fn check(file: &str, title: &str, arms: &[ArmLine]) -> View {
    let mut view = View::new(format!("{file}: no problems"));
    view.say(Sentence::new("title", title));
    view.push(arms_table(arms));
    view
}

/// What each clause does, arm by arm; `shown` are the arms that were asked for.
pub fn explain(case: &Case, shown: &[&Arm], clauses: &[Clause]) -> View {
    let mut view = View::new(case.title.clone());
    for arm in shown {
        let of_arm: Vec<&Clause> = clauses.iter().filter(|clause| clause.arm == arm.id).collect();
        let heading = format!("{}: {}, {}", arm.id, arm.title, plural(of_arm.len(), "clause"));
        let mut facts = Facts::new();
        for clause in &of_arm {
            self::clause(clause, &mut facts);
        }
        let mut section = facts.section(arm.id.as_str(), heading);
        if of_arm.is_empty() {
            section.lead.push(Sentence::new("none", "Nothing is agreed."));
        }
        view.push(section);
    }
    view
}

fn clause(clause: &Clause, facts: &mut Facts) {
    let shock = if clause.is_shock { ", agreed by nobody" } else { "" };
    facts.group(clause.lever, format!("{}{shock} ({})", clause.object, clause.id));
    facts.say(
        "probability",
        Figure::derived(clause.probability, "share")
            .graded(clause.grade)
            .said(|text| format!("{text}, {}", clause.probability_from)),
    );
    facts.say("from", years(clause.year).said(|text| format!("{text}, if it materialises")));
    let payer =
        clause.payer.map_or_else(|| "nobody's budget".to_owned(), |payer| format!("the budget of {payer}"));
    facts.say("payer", payer);
    facts.say("does", clause.effect.clone());
    facts.say("grade", clause.grade);
    facts.say("note", clause.note.clone());
}

/// A first case file; the file itself is in the data.
pub fn draft(id: &str, title: &str, arms: &[ArmLine]) -> View {
    let mut view = View::new(format!("Draft of a case: {title}"));
    view.say(Sentence::new(
        "draft",
        format!("The case {id} is a draft: read every line, and replace what you know."),
    ));
    view.push(arms_table(arms));
    view
}
