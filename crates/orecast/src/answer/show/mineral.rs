//! A mineral's sheet.

use super::{
    Bound, Cell, Column, Figure, RowKind, Section, Sentence, Table, View, Why, cite, country::heading,
    observation, own_data, projects, remark, share, spread, word,
};
use crate::{
    answer::view::cited,
    base::{id::SourceId, unit::Range},
    world::{
        World,
        show::{FlowTable, MineralSheet, ProducerLine, YearTable},
        table::{Flag, ImportRelianceRow, ImportSourceRow, ListRow, MineralRow, ObservationRow},
    },
};

/// Who mines, refines, holds and buys a mineral, at what price, for what, and what is planned.
pub fn view(world: &World, sheet: &MineralSheet<'_>) -> View {
    let mut view = head(sheet);
    for table in &sheet.quantities {
        view.push(quantity(world, table, ""));
    }
    view.push(prices(world, sheet));
    for table in &sheet.flows {
        view.push(flows(world, table));
    }
    view.push(reliance(world, &sheet.import_reliance, "import-reliance"));
    view.push(origins(world, &sheet.import_sources, "import-sources"));
    if let Some(of) = &sheet.market {
        for table in &of.reserves {
            view.push(quantity(world, table, &format!("Of the whole market {}: ", of.mineral.name)));
        }
        view.push(reliance(world, &of.import_reliance, "market-import-reliance"));
        view.push(origins(world, &of.import_sources, "market-import-sources"));
    }
    view.push(end_uses(world, sheet));
    view.push(recycling(world, sheet));
    view.push(elasticities(world, sheet));
    view.push(hosts(world, sheet));
    view.push(projects(world, &sheet.projects.iter().collect::<Vec<_>>(), false));
    own_data(world, sheet.mineral.id.as_str(), &mut view);
    view.sources = cited(world, sources(sheet));
    view
}

fn head(sheet: &MineralSheet<'_>) -> View {
    let MineralRow { name, symbol, basis, mine_product, refined_product, market, id, note, .. } =
        sheet.mineral;
    let title = if symbol.is_empty() { name.clone() } else { format!("{name} ({symbol})") };
    let mut view = View::new(title);
    let mut table = Table::titled(["", ""]);
    let mut line = |label: &str, text: String| {
        if !text.is_empty() {
            table.row([label.into(), text.into()]);
        }
    };
    line("basis", basis.clone());
    if market != id {
        line("market", market.to_string());
    }
    line("mined", mine_product.clone());
    line("refined", refined_product.clone());
    if let Some(recovery) = sheet.mineral.recovery() {
        let grade = sheet.mineral.recovery_grade.map_or_else(String::new, |grade| format!(", grade {grade}"));
        line("recovery", format!("{}{grade}", Figure::share(recovery).text));
    }
    let named = |standing: bool| -> String {
        let lists = sheet.lists.iter().filter(|row| row.to.is_empty() == standing);
        lists.map(list).collect::<Vec<_>>().join(", ")
    };
    line("lists", named(true));
    line("earlier", named(false));
    line("note", note.clone());
    if let Some(of) = &sheet.market {
        view.say(Sentence::new(
            "market",
            format!(
                "{name} is one product of the market {}: mined and separated together with the others, and not alone. Its output below is \
                 the market's output times its share by country and deposit.",
                of.mineral.name
            ),
        ));
    }
    view.push(Section::of("about", "", table));
    view
}

/// A list with the time for which it stands or stood.
fn list(row: &ListRow) -> String {
    let ListRow { list, from, to, .. } = row;
    if to.is_empty() { format!("{list} (since {from})") } else { format!("{list} ({from} to {to})") }
}

fn quantity(world: &World, of: &YearTable<'_>, before: &str) -> Section {
    let mut table = Table::titled([
        "Country",
        ">Figure",
        ">Share",
        "Flag",
        "Grade",
        "Source",
        "Vintage",
        "Selected",
        ">Sigma of sources",
    ]);
    for line in &of.lines {
        table.row(chosen(world, line));
        for other in &line.others {
            table.row(competing(world, other));
        }
    }
    let product = if of.product.is_empty() { String::new() } else { format!(" ({})", of.product) };
    let title = format!("{before}{}, {} stage{product}, {}", heading(of.quantity), of.stage, of.year);
    let id = format!("{}-{}{}", of.quantity.as_str(), of.stage, of.product.replace(' ', "-"));
    total(world, of, Section::of(id, title, table))
}

/// The selected figure, and why where there are others.
fn chosen(world: &World, line: &ProducerLine<'_>) -> [Cell; 9] {
    let row = line.figure;
    let why =
        if line.others.is_empty() { String::new() } else { format!("used: {}", line.reason.in_words()) };
    [
        Cell::country(world, line.iso3),
        observation(world, row),
        share(world, line.share),
        remark(row.flag),
        row.grade.into(),
        cite(world, &row.source),
        row.vintage.clone().into(),
        why.into(),
        share(world, line.spread),
    ]
}

/// A figure for the same cell that was not selected.
fn competing(world: &World, row: &ObservationRow) -> [Cell; 9] {
    [
        Cell::Empty,
        observation(world, row),
        Cell::Empty,
        remark(row.flag),
        row.grade.into(),
        cite(world, &row.source),
        row.vintage.clone().into(),
        "not used".into(),
        Cell::Empty,
    ]
}

/// The published world total compared with the sum of the lines, as far as they are known.
fn total(world: &World, of: &YearTable<'_>, section: Section) -> Section {
    let published = of.published_total.map(|row| observation(world, row).shown());
    let source = of
        .published_total
        .map_or_else(String::new, |row| format!(" ({} {}, {})", row.source, row.vintage, row.grade));
    // From a sum a confidential figure could be found again.
    let sum = of.sum.filter(|_| !world.has_confidential()).map(|sum| Figure::derived(Range::exact(sum), "t"));
    let gap = match (sum.as_ref().map(|sum| sum.mid), of.published_total.and_then(|row| row.value)) {
        (Some(sum), Some(published)) if published > 0.0 => {
            let gap = Figure::change(Range::exact(sum / published - 1.0), "share");
            format!(" ({})", gap.text.replace("pp", "%"))
        }
        _ => String::new(),
    };
    let said =
        published.map_or_else(|| "no published total".to_owned(), |text| format!("published {text}{source}"));
    let text = match &sum {
        Some(sum) => format!("World: {said}, sum {}{gap}.", sum.text),
        None => format!("World: {said}."),
    };
    section.with_note(text)
}

fn prices(world: &World, sheet: &MineralSheet<'_>) -> Section {
    let mut table = Table::titled([
        "Stage",
        "Year",
        ">USD/t contained",
        "Product",
        "Flag",
        "Grade",
        "Source",
        "Conversion",
    ]);
    for row in &sheet.prices {
        table.row([
            row.stage.into(),
            Cell::Year { text: row.year },
            spread(row.low, Some(row.usd_per_t), row.high, "USD/t"),
            row.product.clone().into(),
            remark(row.flag),
            row.grade.into(),
            cite(world, &row.source),
            row.conversion.clone().into(),
        ]);
    }
    Section::of("prices", "Prices", table)
}

fn flows(world: &World, of: &FlowTable) -> Section {
    let mut table =
        Table::titled(["Exporter", "Importer", ">Contained", ">Share", ">Value", "Grade", "Source"]);
    for line in &of.lines {
        let cited: Vec<&str> = line.flow.sources.iter().map(SourceId::as_str).collect();
        let tonnes =
            line.flow.tonnes.map(|tonnes| Figure::derived(Range::exact(tonnes), "t").graded(line.flow.grade));
        table.row([
            Cell::country(world, line.flow.exporter),
            Cell::country(world, line.flow.importer),
            Cell::known(tonnes),
            share(world, line.share),
            line.flow
                .kusd
                .map_or(Cell::Empty, |kusd| Figure::derived(Range::exact(kusd * 1e3), "USD").into()),
            line.flow.grade.into(),
            cited.join(", ").into(),
        ]);
    }
    let all = Figure::derived(Range::exact(of.world), "t");
    let title = format!(
        "Trade at the {} stage, {}: {} of {} flows, {} in all",
        of.stage,
        of.year,
        of.lines.len(),
        of.count,
        all.text
    );
    Section::of(format!("trade-{}", of.stage), title, table)
}

fn end_uses(world: &World, sheet: &MineralSheet<'_>) -> Section {
    let mut table =
        Table::titled(["Use", "Of", "Year", ">Share", "Industries (BEA)", "Grade", "Source", "Remark"]);
    for line in &sheet.end_uses {
        let row = line.row;
        let industries: Vec<&str> = line.industries.iter().map(|row| row.industry.as_str()).collect();
        table.row([
            row.end_use.replace('_', " ").into(),
            format!("{} {}", row.iso3, row.part).trim_end().into(),
            Cell::Year { text: row.year },
            share(world, Some(row.share)),
            industries.join(", ").into(),
            row.grade.into(),
            cite(world, &row.source),
            row.note.clone().into(),
        ]);
    }
    Section::of("end-uses", "End uses", table)
}

fn recycling(world: &World, sheet: &MineralSheet<'_>) -> Section {
    let mut table = Table::titled(["Measure", "Country", "Year", ">Share", "Grade", "Source"]);
    for row in &sheet.recycling {
        table.row([
            row.metric.clone().into(),
            Cell::country(world, row.iso3),
            Cell::Year { text: row.year },
            spread(row.low, Some(row.mid), row.high, "share"),
            row.grade.into(),
            cite(world, &row.source),
        ]);
    }
    Section::of("recycling", "Recycling", table)
}

fn reliance(world: &World, rows: &[&ImportRelianceRow], id: &str) -> Section {
    let mut table =
        Table::titled(["Country", "Product", "Stage", "Year", ">Of consumption", "Source", "Vintage"]);
    for row in rows {
        let figure = |percent: f64, bound: Bound, sign: &str| {
            let figure = Figure { bound, ..Figure::published(percent, "%") };
            figure.from_source(&row.source).said(|text| format!("{sign}{text}")).into()
        };
        let of_consumption: Cell = match (row.percent, row.flag) {
            (Some(percent), Flag::AtLeast) => figure(percent, Bound::AtLeast, "> "),
            (Some(percent), Flag::AtMost) => figure(percent, Bound::AtMost, "< "),
            (Some(percent), _) => figure(percent, Bound::Exact, ""),
            (None, Flag::Withheld) => Cell::absent(Why::Withheld),
            (None, Flag::NetExporter) => "net exporter".into(),
            (None, _) => Cell::Absent { why: Why::NotKnown, text: "unknown".to_owned() },
        };
        table.row([
            Cell::country(world, row.iso3),
            row.product.clone().into(),
            row.stage.map_or(Cell::Empty, Cell::from),
            Cell::Year { text: row.year },
            of_consumption,
            cite(world, &row.source),
            row.vintage.clone().into(),
        ]);
    }
    Section::of(id, "Net import reliance as published", table)
}

fn origins(world: &World, rows: &[&ImportSourceRow], id: &str) -> Section {
    let mut table = Table::new([
        Column::words("Importer"),
        Column::words("Origin"),
        Column::words("Product"),
        Column::words("Stage"),
        Column::words("Years"),
        Column::numbers("Of imports"),
        Column::words("Source"),
        Column::words("Vintage"),
    ]);
    for row in rows {
        table.add(
            RowKind::Plain,
            [
                Cell::country(world, row.importer),
                row.exporter.to_string().into(),
                row.product.clone().into(),
                row.stage.map_or(Cell::Empty, Cell::from),
                format!("{} to {}", row.from, row.to).into(),
                Figure::published(row.percent, "%").from_source(&row.source).into(),
                cite(world, &row.source),
                row.vintage.clone().into(),
            ],
        );
    }
    Section::of(id, "Import sources as published", table)
}

fn elasticities(world: &World, sheet: &MineralSheet<'_>) -> Section {
    let mut table = Table::titled(["Curve", "Stage", "Horizon", ">Middle and range", "Grade", "Source"]);
    for row in sheet.elasticities {
        table.row([
            word(&row.side).into(),
            row.stage.into(),
            word(&row.horizon).into(),
            spread(Some(row.low), Some(row.mid), Some(row.high), ""),
            row.grade.into(),
            cite(world, &row.source),
        ]);
    }
    Section::of("elasticities", "Elasticities", table)
}

fn hosts(world: &World, sheet: &MineralSheet<'_>) -> Section {
    let mut table =
        Table::titled(["By-product", "Host", "Stage", ">Share of output", ">Could be", "Grade", "Source"]);
    for row in sheet.hosts.iter().chain(sheet.byproducts.iter().copied()) {
        table.row([
            Cell::mineral(world, &row.mineral),
            Cell::mineral(world, &row.host),
            row.host_stage.into(),
            spread(Some(row.share_low), Some(row.share_mid), Some(row.share_high), "share"),
            row.max_over_realised.map_or(Cell::Empty, |times| Figure::published(times, "ratio").into()),
            row.grade.into(),
            cite(world, &row.source),
        ]);
    }
    Section::of("hosts", "By-products and hosts", table)
}

fn sources<'a>(sheet: &'a MineralSheet<'_>) -> Vec<&'a SourceId> {
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
    let industries =
        |line: &'a crate::world::show::UseLine<'_>| line.industries.iter().map(|row| &row.source);
    cited.extend(sheet.end_uses.iter().flat_map(|line| industries(line).chain([&line.row.source])));
    cited.extend(sheet.recycling.iter().map(|row| &row.source));
    cited.extend(sheet.elasticities.iter().map(|row| &row.source));
    cited.extend(sheet.hosts.iter().map(|row| &row.source));
    cited.extend(sheet.byproducts.iter().map(|row| &row.source));
    cited.extend(sheet.projects.iter().map(|row| &row.source));
    cited
}
