//! Prices by place and date, and what is said of output, as read since the base year.
//!
//! The facts are single figures, each with its page. Where a price is paid, what kind it is and which yearly series it may be
//! compared with stands in `mapping/quotes.csv`; how a figure of output is read stands in `mapping/recent_output.csv`; the source
//! of a page in `mapping/recent_pages.csv`. Prices that [`crate::pink_sheet`] reads from the publisher's own file are passed over.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Reference, Tables, grade};
use crate::{
    figure,
    pink_sheet::EDITION,
    reference::mapping,
    text::{Input, rounded, rows},
};
use orecast::{
    base::{
        date::PartialDate,
        diagnostic::Diagnostics,
        id::{Iso3, MineralId, SourceId},
        unit::Stage,
    },
    world::table::{Flag, GuidanceKind, GuidanceRow, ObservationRow, Place, QuoteKind, QuoteRow, UnknownRow},
};

/// `mapping/recent_pages.csv`: the source of a page, by the words and the address that facts give for it.
#[derive(Debug, Deserialize)]
struct Page {
    text: String,
    url: String,
    source: SourceId,
}

/// Sources by page.
pub(super) struct Pages(BTreeMap<(String, String), SourceId>);

impl Pages {
    pub(super) fn load(problems: &mut Diagnostics) -> Self {
        let pages: Vec<Page> =
            mapping("recent_pages.csv", include_str!("../mapping/recent_pages.csv"), problems);
        Self(pages.into_iter().map(|page| ((page.text, page.url), page.source)).collect())
    }

    /// The source of a page; one that is not known is noted.
    pub(super) fn source(
        &self,
        (text, url): (&str, &str),
        (file, line): (&str, usize),
        problems: &mut Diagnostics,
    ) -> Option<SourceId> {
        // What does not begin like an address is none.
        let url = url.split(" ;").next().filter(|url| url.starts_with("http")).unwrap_or_default();
        let found = self.0.get(&(text.to_owned(), url.to_owned()));
        if found.is_none() {
            let remedy = "add it to mapping/recent_pages.csv";
            problems.push(file, line, "source", format!("`{text}` at `{url}`"), remedy);
        }
        found.cloned()
    }
}

/// `mapping/quotes.csv`: how a quoted product is read.
#[derive(Debug, Deserialize)]
struct Reading {
    mineral: String,
    stage: Stage,
    product: String,
    /// The place as published.
    published: String,
    /// The one date that the row is about; empty for all.
    on: String,
    place: Place,
    iso3: Option<Iso3>,
    kind: QuoteKind,
    /// The date that is meant, where another one is published.
    date: Option<PartialDate>,
    series: String,
}

#[derive(Debug, Deserialize)]
struct RawQuote {
    mineral: String,
    stage: Stage,
    product: String,
    place: String,
    date: String,
    value: String,
    unit: String,
    usd_per_t_contained: f64,
    conversion: String,
    source_title: String,
    url: String,
    seen_date: Option<PartialDate>,
    confidence: String,
    note: String,
}

/// Reads prices by place and date.
pub fn quotes(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let readings: Vec<Reading> = mapping("quotes.csv", include_str!("../mapping/quotes.csv"), problems);
    let pages = Pages::load(problems);
    for (line, raw) in rows::<RawQuote>(input, problems) {
        // A mineral that the package does not carry.
        let known = tables.minerals.iter().any(|row| row.id.as_str() == raw.mineral);
        let Ok(mineral) = raw.mineral.parse::<MineralId>() else { continue };
        let at = (input.name(), line);
        let Some(source) = pages.source((&raw.source_title, &raw.url), at, problems) else { continue };
        if !known || source.as_str() == EDITION {
            continue;
        }
        let same = |row: &&Reading| {
            (row.mineral.as_str(), row.stage, row.product.as_str(), row.published.as_str())
                == (&raw.mineral, raw.stage, &raw.product, &raw.place)
        };
        let dated = readings.iter().filter(same).find(|row| row.on == raw.date);
        let Some(read) = dated.or_else(|| readings.iter().filter(same).find(|row| row.on.is_empty())) else {
            let found = format!("`{}, {}, {}`", raw.mineral, raw.product, raw.place);
            problems.push(input.name(), line, "product", found, "add it to mapping/quotes.csv");
            continue;
        };
        let Some(date) = read.date.or_else(|| raw.date.parse().ok()) else {
            problems.push(input.name(), line, "date", format!("`{}`", raw.date), "write a date");
            continue;
        };
        let Some(published) = figure::parse(&raw.value) else {
            problems.push(
                input.name(),
                line,
                "value",
                format!("`{}`", raw.value),
                "write a price or a range",
            );
            continue;
        };
        // The conversion was made for the middle of a range and holds for its ends.
        let end = |end: f64| published.value.map(|middle| rounded(raw.usd_per_t_contained * end / middle));
        tables.quotes.push(QuoteRow {
            mineral,
            stage: raw.stage,
            product: raw.product,
            series: read.series.clone(),
            place: read.place,
            iso3: read.iso3,
            date,
            kind: read.kind,
            usd_per_t: rounded(raw.usd_per_t_contained),
            low: published.range.and_then(|(low, _)| end(low)),
            high: published.range.and_then(|(_, high)| end(high)),
            raw: raw.value,
            raw_unit: raw.unit,
            conversion: raw.conversion,
            seen: raw.seen_date,
            source,
            grade: grade(&raw.confidence),
            note: reference.remark(&raw.note),
        });
    }
}

/// What becomes of a figure of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    /// Output of a country in a year.
    Production,
    /// Anything else that is said of output.
    Guidance,
    /// The package has it.
    Skip,
}

/// `mapping/recent_output.csv`: how a figure of output is read.
#[derive(Debug, Deserialize)]
struct OutputReading {
    mineral: String,
    stage: Stage,
    iso3: String,
    period: String,
    unit: String,
    #[serde(rename = "use")]
    becomes: Use,
    as_iso3: Option<Iso3>,
    who: String,
    kind: Option<GuidanceKind>,
    from: Option<PartialDate>,
    to: Option<PartialDate>,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    seen: Option<PartialDate>,
    /// How the published figure became tonnes contained.
    note: String,
}

#[derive(Debug, Deserialize)]
struct RawOutput {
    mineral: String,
    stage: Stage,
    iso3: String,
    period: String,
    value: String,
    unit: String,
    detail: String,
    source: String,
    url: String,
    confidence: String,
}

/// Reads figures of output, guidance, quotas and parts of a year.
pub fn output(input: &Input, reference: &Reference, tables: &mut Tables, problems: &mut Diagnostics) {
    let readings: Vec<OutputReading> =
        mapping("recent_output.csv", include_str!("../mapping/recent_output.csv"), problems);
    let pages = Pages::load(problems);
    for (line, raw) in rows::<RawOutput>(input, problems) {
        let read = readings.iter().find(|row| {
            (row.mineral.as_str(), row.stage, row.iso3.as_str(), row.period.as_str(), row.unit.as_str())
                == (&raw.mineral, raw.stage, &raw.iso3, &raw.period, &raw.unit)
        });
        let Some(read) = read else {
            let found = format!("`{}, {}, {}`", raw.mineral, raw.iso3, raw.period);
            problems.push(input.name(), line, "period", found, "add it to mapping/recent_output.csv");
            continue;
        };
        let Ok(mineral) = raw.mineral.parse::<MineralId>() else { continue };
        let at = (input.name(), line);
        let Some(source) = pages.source((&raw.source, &raw.url), at, problems) else { continue };
        match (read.becomes, read.kind.zip(read.from)) {
            (Use::Skip, _) => {}
            (Use::Production, _) => {
                let year = figure::year(&raw.period).zip(figure::amount(&raw.value));
                let Some(((year, value), iso3)) = year.zip(raw.iso3.parse().ok()) else {
                    let found = format!("`{} {}`", raw.period, raw.value);
                    problems.push(input.name(), line, "value", found, "read it as guidance");
                    continue;
                };
                tables.production.push(ObservationRow {
                    mineral,
                    stage: raw.stage,
                    iso3,
                    year,
                    value: Some(value),
                    low: None,
                    high: None,
                    raw: raw.value,
                    raw_unit: raw.unit,
                    flag: if raw.detail.contains("estimate") || raw.detail.contains("about") {
                        Flag::Estimated
                    } else {
                        Flag::Reported
                    },
                    product: String::new(),
                    source,
                    vintage: read.seen.map(|seen| seen.to_string()).unwrap_or_default(),
                    grade: grade(&raw.confidence),
                    note: reference.remark(&raw.detail),
                });
            }
            (Use::Guidance, Some((kind, from))) => {
                let Some(iso3) = read.as_iso3 else { continue };
                tables.guidance.push(GuidanceRow {
                    mineral,
                    stage: raw.stage,
                    iso3,
                    who: read.who.clone(),
                    kind,
                    from,
                    to: read.to,
                    value: read.value,
                    low: read.low,
                    high: read.high,
                    raw: if raw.value.is_empty() { kind.to_string() } else { raw.value },
                    raw_unit: raw.unit,
                    detail: reference.remark(&raw.detail),
                    seen: read.seen,
                    source,
                    grade: grade(&raw.confidence),
                    note: read.note.clone(),
                });
            }
            (Use::Guidance, None) => {
                let remedy = "write kind and from in mapping/recent_output.csv";
                problems.push(input.name(), line, "period", format!("`{}`", raw.period), remedy);
            }
        }
    }
}

/// What was looked for and not found, as the program carries it.
pub(super) fn unknowns(tables: &mut Tables, problems: &mut Diagnostics) {
    tables.unknowns.extend(mapping::<UnknownRow>(
        "unknowns.csv",
        include_str!("../mapping/unknowns.csv"),
        problems,
    ));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
