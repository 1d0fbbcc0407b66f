//! A mineral's sheet in print.

use std::fmt::Write;

use orecast::{
    base::id::SourceId,
    world::{
        World,
        show::{FlowTable, MineralSheet, ProducerLine, Quantity, YearTable},
        table::{Flag, ImportRelianceRow, ImportSourceRow, ListRow, MineralRow, ObservationRow},
    },
};

use super::{cite, figure, projects, remark, section, sources, spread, word};
use crate::text::{self, Table};

pub(super) fn print(world: &World, sheet: &MineralSheet<'_>) -> String {
    let mut out = head(sheet);
    for table in &sheet.quantities {
        out += &quantity(world, table);
    }
    out += &prices(world, sheet);
    for table in &sheet.flows {
        out += &flows(table);
    }
    out += &imports(&sheet.import_reliance, &sheet.import_sources);
    out += &market(world, sheet);
    out += &end_uses(sheet);
    out += &recycling(sheet);
    out += &elasticities(world, sheet);
    out += &hosts(sheet);
    out += &projects(world, &sheet.projects.iter().collect::<Vec<_>>(), false);
    out += &sources(world, cited(sheet));
    out
}

fn head(sheet: &MineralSheet<'_>) -> String {
    let MineralRow { name, symbol, basis, mine_product, refined_product, market, id, note, .. } =
        sheet.mineral;
    let mut out = if symbol.is_empty() { format!("{name}\n") } else { format!("{name} ({symbol})\n") };
    let mut line = |label: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {label:<9} {text}");
        }
    };
    line("basis", basis);
    if market != id {
        line("market", market.as_str());
    }
    line("mined", mine_product);
    line("refined", refined_product);
    if let Some(recovery) = sheet.mineral.recovery() {
        let range = text::range(&text::percent(recovery.low), &text::percent(recovery.high));
        let grade = sheet.mineral.recovery_grade.map_or_else(String::new, |grade| format!(", grade {grade}"));
        line("recovery", &format!("{} {range}{grade}", text::percent(recovery.mid)));
    }
    let named = |standing: bool| -> String {
        let lists = sheet.lists.iter().filter(|row| row.to.is_empty() == standing);
        lists.map(list).collect::<Vec<_>>().join(", ")
    };
    line("lists", &named(true));
    line("earlier", &named(false));
    line("note", note);
    if let Some(of) = &sheet.market {
        let _ = writeln!(
            out,
            "\n{name} is one product of the market {}: mined and separated together with the others, and not alone.\n\
             Its output below is the market's output times its share by country and deposit.",
            of.mineral.name
        );
    }
    out
}

/// A list with the time for which it stands or stood.
fn list(row: &ListRow) -> String {
    let ListRow { list, from, to, .. } = row;
    if to.is_empty() { format!("{list} (since {from})") } else { format!("{list} ({from} to {to})") }
}

fn quantity(world: &World, of: &YearTable<'_>) -> String {
    let word = match of.quantity {
        Quantity::Production => format!("{} output", of.stage),
        Quantity::Capacity => format!("{} capacity", of.stage),
        Quantity::Reserves => of.quantity.as_str().to_owned(),
        Quantity::Requirements => "use".to_owned(),
        Quantity::Stocks => format!("stocks, {} stage", of.stage),
    };
    let mut table = Table::new(&[
        "country",
        ">figure",
        ">share",
        "flag",
        "grade",
        "source",
        "vintage",
        "",
        ">sigma of sources",
    ]);
    for line in &of.lines {
        table.row(chosen(world, line));
        for other in &line.others {
            table.row(competing(world, other));
        }
    }
    let product = if of.product.is_empty() { String::new() } else { format!(" ({})", of.product) };
    let mut title = word;
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("\n{title}{product}, {}\n{}{}", of.year, table.print(), total(of))
}

/// The figure that stands, and why where there are others.
fn chosen(world: &World, line: &ProducerLine<'_>) -> [String; 9] {
    let row = line.figure;
    let why =
        if line.others.is_empty() { String::new() } else { format!("used: {}", line.reason.in_words()) };
    [
        line.name.clone(),
        figure(row),
        line.share.map(text::percent).unwrap_or_default(),
        remark(row.flag).to_owned(),
        row.grade.to_string(),
        cite(world, &row.source),
        row.vintage.clone(),
        why,
        line.spread.map(text::percent).unwrap_or_default(),
    ]
}

/// A figure for the same cell that does not stand.
fn competing(world: &World, row: &ObservationRow) -> [String; 9] {
    [
        String::new(),
        figure(row),
        String::new(),
        remark(row.flag).to_owned(),
        row.grade.to_string(),
        cite(world, &row.source),
        row.vintage.clone(),
        "not used".to_owned(),
        String::new(),
    ]
}

/// The published world total beside the sum of the lines, as far as they are known.
fn total(of: &YearTable<'_>) -> String {
    let sum = of.sum.map(|sum| format!("sum {}", text::about_tonnes(sum)));
    let published = of
        .published_total
        .map(|row| format!("published {} ({} {}, {})", figure(row), row.source, row.vintage, row.grade));
    let gap = match (of.sum, of.published_total.and_then(|row| row.value)) {
        (Some(sum), Some(published)) if published > 0.0 => {
            // Rounded before printing, so that a hair below reads 0.0 and not -0.0.
            let permille = (1000.0 * (sum / published - 1.0)).round() + 0.0;
            format!(" ({:+.1} %)", permille / 10.0)
        }
        _ => String::new(),
    };
    let published = published.unwrap_or_else(|| "no published total".to_owned());
    let parts: Vec<String> = [Some(published), sum].into_iter().flatten().collect();
    format!("  world: {}{gap}\n", parts.join(", "))
}

fn prices(world: &World, sheet: &MineralSheet<'_>) -> String {
    let mut table = Table::new(&[
        "stage",
        "year",
        ">USD/t contained",
        "range",
        "product",
        "flag",
        "grade",
        "source",
        "conversion",
    ]);
    for row in &sheet.prices {
        let range = match (row.low, row.high) {
            (Some(low), Some(high)) => text::range(&text::plain(low), &text::plain(high)),
            _ => String::new(),
        };
        table.row([
            row.stage.to_string(),
            row.year.to_string(),
            text::plain(row.usd_per_t),
            range,
            row.product.clone(),
            remark(row.flag).to_owned(),
            row.grade.to_string(),
            cite(world, &row.source),
            row.conversion.clone(),
        ]);
    }
    section("Prices", &table)
}

fn flows(of: &FlowTable) -> String {
    let mut table =
        Table::new(&["exporter", "importer", ">contained", ">share", ">thousand USD", "grade", "source"]);
    for line in &of.lines {
        let cited: Vec<&str> = line.flow.sources.iter().map(SourceId::as_str).collect();
        table.row([
            line.exporter_name.clone(),
            line.importer_name.clone(),
            line.flow.tonnes.map_or_else(|| "unknown".to_owned(), text::about_tonnes),
            line.share.map(text::percent).unwrap_or_default(),
            line.flow.kusd.map(|kusd| text::number(kusd.round(), 15)).unwrap_or_default(),
            line.flow.grade.to_string(),
            cited.join(", "),
        ]);
    }
    let world = text::about_tonnes(of.world);
    let title = format!(
        "Trade at the {} stage, {}: {} of {} flows, {world} in all",
        of.stage,
        of.year,
        of.lines.len(),
        of.count
    );
    section(&title, &table)
}

/// What is only known of the market that the mineral is sold in.
fn market(world: &World, sheet: &MineralSheet<'_>) -> String {
    let Some(of) = &sheet.market else { return String::new() };
    let tables: String = of.reserves.iter().map(|table| quantity(world, table)).collect();
    let imports = imports(&of.import_reliance, &of.import_sources);
    format!("\nOf the whole market {} ({})\n{tables}{imports}", of.mineral.name, of.mineral.basis)
}

fn end_uses(sheet: &MineralSheet<'_>) -> String {
    let mut table =
        Table::new(&["use", "of", "year", ">share", "industries (BEA)", "grade", "source", "remark"]);
    for line in &sheet.end_uses {
        let row = line.row;
        let industries: Vec<&str> = line.industries.iter().map(|row| row.industry.as_str()).collect();
        table.row([
            row.end_use.replace('_', " "),
            format!("{} {}", row.iso3, row.part).trim_end().to_owned(),
            row.year.to_string(),
            text::percent(row.share),
            industries.join(", "),
            row.grade.to_string(),
            row.source.to_string(),
            row.note.clone(),
        ]);
    }
    section("End uses", &table)
}

fn recycling(sheet: &MineralSheet<'_>) -> String {
    let mut table = Table::new(&["measure", "country", "year", ">share", "grade", "source"]);
    for row in &sheet.recycling {
        table.row([
            row.metric.clone(),
            row.iso3.to_string(),
            row.year.to_string(),
            spread(row.low, Some(row.mid), row.high, text::percent),
            row.grade.to_string(),
            row.source.to_string(),
        ]);
    }
    section("Recycling", &table)
}

fn imports(reliance_rows: &[&ImportRelianceRow], origin_rows: &[&ImportSourceRow]) -> String {
    let mut reliance =
        Table::new(&["country", "product", "stage", "year", ">of consumption", "source", "vintage"]);
    for row in reliance_rows {
        reliance.row([
            row.iso3.to_string(),
            row.product.clone(),
            row.stage.map(|stage| stage.to_string()).unwrap_or_default(),
            row.year.to_string(),
            reliance_figure(row),
            row.source.to_string(),
            row.vintage.clone(),
        ]);
    }
    let mut origins =
        Table::new(&["importer", "origin", "product", "stage", "years", ">of imports", "source", "vintage"]);
    for row in origin_rows {
        origins.row([
            row.importer.to_string(),
            row.exporter.to_string(),
            row.product.clone(),
            row.stage.map(|stage| stage.to_string()).unwrap_or_default(),
            format!("{}-{}", row.from, row.to),
            format!("{} %", text::plain(row.percent)),
            row.source.to_string(),
            row.vintage.clone(),
        ]);
    }
    section("Net import reliance", &reliance) + &section("Import sources", &origins)
}

fn reliance_figure(row: &ImportRelianceRow) -> String {
    match (row.percent, row.flag) {
        (Some(percent), Flag::AtLeast) => format!("> {} %", text::plain(percent)),
        (Some(percent), Flag::AtMost) => format!("< {} %", text::plain(percent)),
        (Some(percent), _) => format!("{} %", text::plain(percent)),
        (None, Flag::Withheld) => "withheld".to_owned(),
        (None, Flag::NetExporter) => "net exporter".to_owned(),
        (None, _) => "unknown".to_owned(),
    }
}

fn elasticities(world: &World, sheet: &MineralSheet<'_>) -> String {
    let mut table = Table::new(&["curve", "stage", "horizon", ">middle and range", "grade", "source"]);
    for row in sheet.elasticities {
        table.row([
            word(&row.side),
            row.stage.to_string(),
            word(&row.horizon),
            spread(Some(row.low), Some(row.mid), Some(row.high), text::plain),
            row.grade.to_string(),
            cite(world, &row.source),
        ]);
    }
    section("Elasticities", &table)
}

fn hosts(sheet: &MineralSheet<'_>) -> String {
    let mut table =
        Table::new(&["by-product", "host", "stage", ">share of output", ">could be", "grade", "source"]);
    for row in sheet.hosts.iter().chain(sheet.byproducts.iter().copied()) {
        table.row([
            row.mineral.to_string(),
            row.host.to_string(),
            row.host_stage.to_string(),
            spread(Some(row.share_low), Some(row.share_mid), Some(row.share_high), text::percent),
            row.max_over_realised.map(|times| format!("{} times", text::plain(times))).unwrap_or_default(),
            row.grade.to_string(),
            row.source.to_string(),
        ]);
    }
    section("By-products and hosts", &table)
}

fn cited<'a>(sheet: &'a MineralSheet<'_>) -> Vec<&'a SourceId> {
    let mut cited = vec![&sheet.mineral.source];
    let of_market = sheet.market.iter();
    for table in sheet.quantities.iter().chain(of_market.clone().flat_map(|of| &of.reserves)) {
        cited.extend(table.published_total.map(|row| &row.source));
        for line in &table.lines {
            cited.push(&line.figure.source);
            cited.extend(line.others.iter().map(|row| &row.source));
        }
    }
    cited.extend(sheet.prices.iter().map(|row| &row.source));
    cited.extend(sheet.flows.iter().flat_map(|table| &table.lines).flat_map(|line| &line.flow.sources));
    cited.extend(sheet.import_reliance.iter().map(|row| &row.source));
    cited.extend(sheet.import_sources.iter().map(|row| &row.source));
    cited.extend(of_market.clone().flat_map(|of| &of.import_reliance).map(|row| &row.source));
    cited.extend(of_market.flat_map(|of| &of.import_sources).map(|row| &row.source));
    cited.extend(sheet.lists.iter().map(|row| &row.source));
    cited.extend(
        sheet
            .end_uses
            .iter()
            .flat_map(|line| line.industries.iter().map(|row| &row.source).chain([&line.row.source])),
    );
    cited.extend(sheet.recycling.iter().map(|row| &row.source));
    cited.extend(sheet.elasticities.iter().map(|row| &row.source));
    cited.extend(sheet.hosts.iter().map(|row| &row.source));
    cited.extend(sheet.byproducts.iter().map(|row| &row.source));
    cited.extend(sheet.projects.iter().map(|row| &row.source));
    cited
}
