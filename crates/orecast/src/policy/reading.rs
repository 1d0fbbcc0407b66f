//! How a case file becomes a case: check the text, fill each arm, check what only the whole can show.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    case::{Arm, ArmFile, Case, CaseFile, Scope, case_schema},
    check::Checker,
    commitment::{Commitment, Date},
    document::{self, Data, Node},
    names::{Names, Words},
    preset::{ANY, ForEach, Presets, commitment_schema, unread},
};
use crate::base::{
    diagnostic::{Diagnostics, did_you_mean},
    id::{DealId, Iso3, MineralId},
};

/// Keys that say what a lever is about, in the order in which they make up its name.
const OBJECT: [&str; 8] =
    ["project", "mineral", "stage", "country", "holder", "route", "exporters", "importers"];

/// Keys that list countries, where a bloc stands for its members in the year of signature.
const LISTS_OF_COUNTRIES: [&str; 2] = ["exporters", "importers"];

/// Lists of entries that hold levers.
const LISTS: [&str; 3] = ["commitment", "shock", "response"];

/// A commitment or shock before an arm's preset fills it.
struct Entry {
    node: Node,
    fields: Map<String, Value>,
    /// Lever and object: what a template gives way to.
    subject: String,
}

impl Entry {
    fn new(node: &Node) -> Self {
        let mut fields = match node.to_json() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("+")),
            _ => None,
        };
        let parts = ["lever"].iter().chain(&OBJECT).filter_map(|key| text(fields.get(*key)?));
        let subject = parts.collect::<Vec<_>>().join("-").replace(' ', "-");
        fields.entry("id").or_insert_with(|| subject.clone().into());
        Self { node: node.clone(), fields, subject }
    }

    fn id(&self) -> &str {
        self.fields.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it takes part in an arm; `everywhere` for a shock, which needs no preset.
    fn is_in(&self, arm: &ArmFile, everywhere: bool) -> bool {
        match self.fields.get("arms").and_then(Value::as_array) {
            Some(arms) if !arms.is_empty() => arms.iter().any(|id| id.as_str() == Some(arm.id.as_str())),
            _ => everywhere || arm.preset.is_some(),
        }
    }
}

/// Reads a case; see [`Case::parse`].
pub(super) fn read_case(
    file: &str,
    text: &str,
    names: &Names,
    presets: &Presets,
) -> Result<Case, Diagnostics> {
    let mut root = document::parse(file, text)?;
    let signed =
        root.text("signed").and_then(|text| text.parse().ok()).map_or(i32::MAX, |date: Date| date.year);
    root.expand(&LISTS_OF_COUNTRIES, &|bloc| names.members(bloc, signed));
    let presets = &presets.observed(&names.rates);
    let texts = |list: &str| {
        root.list(list).iter().filter_map(|n| n.text("id")).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut words = Words::new(names);
    words.add("source", texts("source"));
    words.add("arm", texts("arm"));
    words.add("deal", texts("deal"));
    words.add("branch", texts("branch"));
    words.add("preset", presets.ids().map(str::to_owned));
    let mut reader = Reader { checker: Checker::new(file, case_schema(), &words), names, presets };
    reader.checker.check(case_schema(), &root, "");
    let whole = reader.checker.report.is_empty();
    reader.head(&root);
    let mut sound = Vec::new();
    for list in LISTS {
        sound.push(reader.entries(&root, list));
    }
    reader.overlays(&root);
    reader.duplicates(&root);
    if !whole {
        return Err(reader.checker.report.into_result(()).err().unwrap_or_default());
    }
    let mut fields = root.to_json();
    for list in LISTS {
        fields.as_object_mut().and_then(|fields| fields.remove(list));
    }
    let mut head: CaseFile = serde_json::from_value(fields).map_err(|error| unread(file, &error))?;
    for (overlay, node) in head.overlays.iter_mut().zip(root.list("overlay")) {
        overlay.line = node.line;
    }
    let [commitments, shocks, responses] = &sound[..] else { return Err(Diagnostics::default()) };
    let arms = reader.arms(&head, commitments, shocks, responses);
    let mut sources = head.sources;
    let used: BTreeSet<&str> = head.arms.iter().filter_map(|arm| arm.preset.as_deref()).collect();
    for preset in used.into_iter().chain([ANY]).filter_map(|id| presets.get(id)) {
        for source in &preset.sources {
            if sources.iter().all(|known| known.id != source.id) {
                sources.push(source.clone());
            }
        }
    }
    let case = Case {
        id: head.id,
        title: head.title,
        leader: head.leader,
        host: head.host,
        leader_bloc: head.leader_bloc,
        host_bloc: head.host_bloc,
        rival: head.rival,
        signed: head.signed,
        base_year: head.base_year,
        years: head.years,
        answer_year: head.answer_year,
        minerals: head.minerals,
        demand_scenario: head.demand_scenario,
        time_scale: head.time_scale,
        scope: head.scope,
        deals: head.deals,
        overlays: head.overlays,
        branches: head.branches,
        assumptions: head.assumptions,
        arms,
        sources,
    };
    reader.checker.report.into_result(case)
}

struct Reader<'a> {
    checker: Checker<'a>,
    names: &'a Names,
    presets: &'a Presets,
}

impl Reader<'_> {
    /// What the head's entries say against each other.
    fn head(&mut self, root: &Node) {
        let mut fault = |path: &str, found: String, remedy: &str| {
            self.checker.fault(root.line_of(path), path, found, remedy);
        };
        if let (Some(leader), Some(host)) = (root.text("leader"), root.text("host"))
            && leader == host
        {
            fault("host", format!("`{host}` is the leader too"), "name two countries");
        }
        let year = |path: &str| {
            let node = path.split('.').try_fold(root, |node, key| node.get(key))?;
            node.to_json().as_i64()
        };
        if let (Some(from), Some(to)) = (year("years.from"), year("years.to"))
            && from > to
        {
            fault("years.from", format!("{from} is after {to}"), "write the first year and then the last");
        }
        if let (Some(answer), Some(from), Some(to)) =
            (year("answer_year"), year("years.from"), year("years.to"))
            && !(from..=to).contains(&answer)
        {
            fault(
                "answer_year",
                format!("{answer} is not among the years"),
                "name a year that the case runs over",
            );
        }
        if let (Some(base), Some(from)) = (year("base_year"), year("years.from"))
            && base > from
        {
            let remedy = "the baseline cannot lie after the first year that is run";
            fault("base_year", format!("{base} is after {from}"), remedy);
        }
    }

    /// The entries of a list, each checked by itself.
    fn entries(&mut self, root: &Node, list: &str) -> Vec<Entry> {
        let years = root.get("years").map(Node::to_json);
        let year = |key: &str| years.as_ref().and_then(|years| years.get(key)?.as_f64());
        let horizon = year("from").zip(year("to"));
        let minerals: BTreeSet<String> = root
            .list("minerals")
            .iter()
            .filter_map(|node| node.to_json().as_str().map(str::to_owned))
            .collect();
        let arms = root.list("arm").iter().filter_map(|arm| serde_json::from_value(arm.to_json()).ok());
        let arms: Vec<ArmFile> = arms.collect();
        let mut entries = Vec::new();
        for node in root.list(list) {
            let entry = Entry::new(node);
            self.answered(&entry, list);
            // What one arm's preset can fill may stay open in another arm.
            let promised = list == "commitment";
            let presets: BTreeSet<Option<&str>> = if promised {
                arms.iter().filter(|arm| entry.is_in(arm, false)).map(|arm| arm.preset.as_deref()).collect()
            } else {
                [None].into()
            };
            let open: BTreeMap<String, Option<&str>> = presets
                .into_iter()
                .flat_map(|preset| {
                    let missing = self.presets.fill(&mut entry.fields.clone(), preset, 0.0);
                    missing.into_iter().map(move |key| (key, preset))
                })
                .collect();
            for (key, preset) in open {
                let found = match preset {
                    Some(preset) => format!("`{key}` is open and preset `{preset}` has no number for it"),
                    None => format!("`{key}` is open and no preset fills it here"),
                };
                let remedy = "write a number or a range";
                self.checker.fault(node.line_of(&key), &format!("{list}.{key}"), found, remedy);
            }
            let mut trial = entry.fields.clone();
            self.presets.fill(&mut trial, Some(ANY), 0.0);
            // Whatever the text has wrong is reported already; only what reads as a lever is looked at as one.
            if let Ok(commitment) = serde_json::from_value::<Commitment>(trial.into()) {
                self.commitment(&commitment, node, list, horizon, &minerals);
            }
            entries.push(entry);
        }
        entries
    }

    fn commitment(
        &mut self,
        commitment: &Commitment,
        node: &Node,
        list: &str,
        horizon: Option<(f64, f64)>,
        minerals: &BTreeSet<String>,
    ) {
        let mut fault = |key: &str, found: String, remedy: String| {
            let path = if key.is_empty() { list.to_owned() } else { format!("{list}.{key}") };
            self.checker.fault(node.line_of(key), &path, found, remedy);
        };
        for (key, found, remedy) in commitment.lever.faults(self.names) {
            fault(key, found, remedy);
        }
        let year = commitment.materialises.year;
        if let Some((from, to)) = horizon
            && year.is_stated()
            && (year.range.low < from || year.range.high >= to + 1.0)
        {
            let (low, high) = (year.range.low, year.range.high);
            let found = if low == high { format!("{low}") } else { format!("{low} to {high}") };
            let remedy = format!("the case runs from {from} to {to}");
            fault("materialises.year", format!("{found} is outside the horizon"), remedy);
        }
        for mineral in
            commitment.lever.minerals().iter().filter(|mineral| !minerals.contains(mineral.as_str()))
        {
            // A mineral that does not exist has been reported; here it exists but is not run.
            if self.names.minerals.contains(mineral) {
                let key = if node.get("mineral").is_some() { "mineral" } else { "minerals" };
                let remedy = "add it to `minerals` at the top of the file".to_owned();
                fault(key, format!("`{mineral}` is not among the minerals of the case"), remedy);
            }
        }
    }

    /// Names that are given twice.
    fn duplicates(&mut self, root: &Node) {
        for lists in [&["arm"][..], &["source"], &["deal"], &["branch"], &LISTS] {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for (list, node) in
                lists.iter().flat_map(|list| root.list(list).iter().map(move |node| (list, node)))
            {
                let given = node.text("id").map(str::to_owned);
                let id = given.unwrap_or_else(|| {
                    if lists.len() > 1 { Entry::new(node).id().to_owned() } else { String::new() }
                });
                match seen.get(&id) {
                    Some(first) if !id.is_empty() => {
                        let found = format!("`{id}` is taken by the entry on line {first}");
                        self.checker.fault(
                            node.line_of("id"),
                            &format!("{list}.id"),
                            found,
                            "give it an `id` of its own",
                        );
                    }
                    _ => drop(seen.insert(id, node.line)),
                }
            }
        }
    }

    /// A response answers a commitment, and nothing else does.
    fn answered(&mut self, entry: &Entry, list: &str) {
        let node = &entry.node;
        match (node.get("answers").is_some(), list == "response") {
            (false, true) => {
                let remedy = "add `answers = ...` with the id of the commitment that it answers";
                self.checker.fault(node.line, list, "`answers` is missing", remedy);
            }
            (true, false) => {
                let remedy = "make it a [[response]], or remove `answers`";
                self.checker.fault(
                    node.line_of("answers"),
                    &format!("{list}.answers"),
                    "only a response answers",
                    remedy,
                );
            }
            _ => {}
        }
    }

    /// Columns that overlays name must exist, and every branch must say something.
    fn overlays(&mut self, root: &Node) {
        for node in root.list("overlay") {
            let Some(columns) = node.text("table").and_then(|table| self.names.columns.get(table)) else {
                continue;
            };
            for part in ["where", "set"] {
                let Some(Data::Table(cells)) = node.get(part).map(|node| &node.data) else { continue };
                if cells.is_empty() {
                    let remedy = "name at least one column";
                    self.checker.fault(node.line_of(part), &format!("overlay.{part}"), "it is empty", remedy);
                }
                for (key, cell) in cells.iter().filter(|(key, _)| !columns.contains(key)) {
                    let all = format!("the columns are: {}", columns.join(", "));
                    let remedy = did_you_mean(key, columns.iter().map(String::as_str), &all);
                    let path = format!("overlay.{part}.{key}");
                    self.checker.fault(cell.line, &path, "the table has no such column", remedy);
                }
            }
        }
        for branch in root.list("branch") {
            let id = branch.text("id");
            if !root.list("overlay").iter().any(|overlay| overlay.text("branch") == id) {
                let remedy = "give an [[overlay]] with `branch` and this id, or remove the branch";
                self.checker.fault(branch.line, "branch", "no overlay belongs to it", remedy);
            }
        }
    }

    /// The arms with their commitments filled in.
    fn arms(
        &mut self,
        head: &CaseFile,
        commitments: &[Entry],
        shocks: &[Entry],
        responses: &[Entry],
    ) -> Vec<Arm> {
        let mut arms = Vec::new();
        for arm in &head.arms {
            let preset = arm.preset.as_deref();
            let own: Vec<&Entry> = commitments.iter().filter(|entry| entry.is_in(arm, false)).collect();
            let mut promised = self.filled(own.iter().copied(), preset, head);
            promised.extend(self.templates(arm, head, &own));
            promised.sort_by(|a, b| a.id.cmp(&b.id));
            let shocks = shocks.iter().filter(|entry| entry.is_in(arm, true));
            // A shock is no part of a deal: it is the same in every arm, whatever the form of deal.
            let mut shocks = self.filled(shocks, None, head);
            shocks.sort_by(|a, b| a.id.cmp(&b.id));
            let answers = responses.iter().filter(|entry| entry.is_in(arm, true));
            let mut answers = self.filled(answers, None, head);
            answers.retain(|answer| promised.iter().any(|c| Some(&c.id) == answer.answers.as_ref()));
            answers.sort_by(|a, b| a.id.cmp(&b.id));
            let ArmFile { id, title, preset } = arm.clone();
            arms.push(Arm { id, title, preset, commitments: promised, shocks, responses: answers });
        }
        for entry in responses {
            let named = entry.node.text("answers");
            let promised = |(arm, file): (&Arm, &ArmFile)| {
                entry.is_in(file, true) && arm.commitments.iter().any(|c| Some(c.id.as_str()) == named)
            };
            if named.is_some() && !arms.iter().zip(&head.arms).any(promised) {
                let all: BTreeSet<&str> =
                    arms.iter().flat_map(|arm| &arm.commitments).map(|c| c.id.as_str()).collect();
                let text = named.unwrap_or_default();
                let listed =
                    format!("the commitments are: {}", all.iter().copied().collect::<Vec<_>>().join(", "));
                let remedy = did_you_mean(text, all, &listed);
                let found = format!("no arm of it has a commitment `{text}`");
                self.checker.fault(entry.node.line_of("answers"), "response.answers", found, remedy);
            }
        }
        arms
    }

    /// Entries with every number filled in; what stays open has been reported.
    fn filled<'e>(
        &mut self,
        entries: impl Iterator<Item = &'e Entry>,
        preset: Option<&str>,
        head: &CaseFile,
    ) -> Vec<Commitment> {
        let mut filled = Vec::new();
        for entry in entries {
            let mut fields = entry.fields.clone();
            let deal = entry.fields.get("deal").and_then(Value::as_str);
            let signed =
                head.deals.iter().find(|d| Some(d.id.as_str()) == deal).map_or(head.signed, |d| d.signed);
            if self.presets.fill(&mut fields, preset, signed.as_years()).is_empty() {
                match serde_json::from_value(fields.into()) {
                    Ok(commitment) => filled.push(commitment),
                    Err(error) => {
                        let remedy = "see docs/schemas for the format";
                        self.checker.fault(entry.node.line, "", error.to_string(), remedy);
                    }
                }
            }
        }
        filled
    }

    /// The commitments that an arm's preset adds, except where the deal speaks for itself.
    fn templates(&mut self, arm: &ArmFile, head: &CaseFile, own: &[&Entry]) -> Vec<Commitment> {
        let Some(preset) = arm.preset.as_deref().and_then(|id| self.presets.loaded(id)) else {
            return Vec::new();
        };
        let spoken: BTreeSet<&str> = own.iter().map(|entry| entry.subject.as_str()).collect();
        let mut words = Words::new(self.names);
        words.add("source", preset.preset.sources.iter().map(|source| source.id.to_string()));
        words.add("arm", head.arms.iter().map(|arm| arm.id.to_string()));
        let mut checker = Checker::new(&preset.file, commitment_schema(), &words);
        let mut entries = Vec::new();
        let own_deal = (head.host, &head.scope, None);
        let deals = head.deals.iter().map(|deal| (deal.host, &deal.scope, Some(&deal.id)));
        let deals: Vec<_> = std::iter::once(own_deal).chain(deals).collect();
        for (for_each, template) in &preset.templates {
            for &(host, scope, deal) in &deals {
                entries.extend(self.repeated(
                    &mut checker,
                    *for_each,
                    template,
                    arm,
                    (head.leader, host, scope, deal),
                ));
            }
        }
        let report = checker.report;
        if !report.is_empty() {
            self.checker.report.append(report);
            return Vec::new();
        }
        entries.retain(|entry| !spoken.contains(entry.subject.as_str()));
        self.filled(entries.iter(), arm.preset.as_deref(), head)
    }

    /// A template for every object of a deal's scope.
    fn repeated(
        &self,
        checker: &mut Checker<'_>,
        for_each: ForEach,
        template: &Node,
        arm: &ArmFile,
        (leader, host, scope, deal): (Iso3, Iso3, &Scope, Option<&DealId>),
    ) -> Vec<Entry> {
        let texts = |list: &[MineralId]| list.iter().map(ToString::to_string).collect();
        let (word, objects): (&str, Vec<String>) = match for_each {
            ForEach::Once => ("", vec![String::new()]),
            ForEach::NewProject => {
                ("{project}", scope.new_projects.iter().map(ToString::to_string).collect())
            }
            ForEach::NewRefining => ("{mineral}", texts(&scope.new_refining)),
            ForEach::ExistingRefining => ("{mineral}", texts(&scope.existing_refining)),
        };
        let mut entries = Vec::new();
        for object in objects {
            let mut node = template.clone();
            if !word.is_empty() {
                node.substitute(word, &object);
            }
            node.substitute("{leader}", leader.as_str());
            node.substitute("{host}", host.as_str());
            checker.check(commitment_schema(), &node, "template.commitment");
            let mut entry = Entry::new(&node);
            if let Some(deal) = deal {
                entry.fields.insert("deal".to_owned(), deal.as_str().into());
            }
            for key in self.presets.fill(&mut entry.fields.clone(), arm.preset.as_deref(), 0.0) {
                let found = format!("`{key}` is open and nothing stands in for it");
                let remedy = "write a number or a range";
                checker.fault(node.line_of(&key), "template.commitment", found, remedy);
            }
            entries.push(entry);
        }
        entries
    }
}
