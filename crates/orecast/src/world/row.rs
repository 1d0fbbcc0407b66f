//! Checks the rows of one table while they go by.

use csv::{ErrorKind, StringRecord};

use super::{
    cell::Column,
    check::{Checked, TableFile},
    key::{self, Key, Seen},
    layer::{Extras, Layered, Standing},
};

/// Problems of one column that are spelt out before the rest is only counted.
const SPELT_OUT: usize = 20;

/// Something wrong in a row.
struct Problem {
    /// Place of the column; none when the whole row is meant.
    column: Option<usize>,
    line: usize,
    found: String,
    remedy: String,
}

/// The checks of one table.
pub(super) struct Check<'a> {
    file: &'a TableFile<'a>,
    columns: Vec<Column<'a>>,
    /// Columns whose pattern cannot be used, and why.
    unusable: Vec<(usize, String)>,
    key: Key,
    /// Places of columns that must not fall from left to right.
    ordered: Vec<Vec<usize>>,
    seen: Seen,
    problems: Vec<Problem>,
    layered: Layered,
}

impl<'a> Check<'a> {
    pub(super) fn new(file: &'a TableFile<'a>) -> Self {
        let TableFile { package, resource, .. } = *file;
        let schema = &resource.schema;
        let mut unusable = Vec::new();
        let columns = schema.fields.iter().enumerate().map(|(place, field)| {
            let is_foreign = schema.foreign_keys.iter().any(|key| key.field == field.name);
            let is_target = package.resources.iter().any(|other| {
                other.schema.foreign_keys.iter().any(|key| {
                    key.reference.field == field.name
                        && package.target(other, key).is_some_and(|target| target.name == resource.name)
                })
            });
            let (column, error) = Column::new(field, is_foreign, is_target);
            unusable.extend(error.map(|error| (place, error.to_string())));
            column
        });
        let columns = columns.collect();
        let places = |names: &Vec<String>| names.iter().filter_map(|name| schema.position(name)).collect();
        Self {
            file,
            columns,
            unusable,
            key: Key::new(schema),
            ordered: schema.ordered.iter().map(places).collect(),
            seen: Seen::default(),
            problems: Vec::new(),
            layered: Layered::default(),
        }
    }

    /// Whether nothing is wrong with a row and it stands: no layer above replaces it, and it does not withdraw another.
    /// `raw` is the row as the file has it, with the columns that only own data has.
    pub(super) fn row_stands(
        &mut self,
        record: &StringRecord,
        raw: &StringRecord,
        extras: Extras,
        line: usize,
    ) -> bool {
        self.seen.note(&self.key, record, line);
        if self.says_yes(raw, extras.withdraw, "withdraw", line).unwrap_or(false) {
            let mut named = true;
            for place in self.key.places.clone() {
                named &= self.check_cell(place, &record[place], line);
            }
            if named {
                self.layered.withdrawn.push((self.key.text(record), line));
            }
            return false;
        }
        let mut sound = true;
        for (place, text) in record.iter().enumerate() {
            sound &= self.check_cell(place, text, line);
        }
        if !self.file.above.is_empty() {
            let key = self.key.text(record);
            if self.file.above.contains(&key) {
                self.layered.covered.push(key);
                return false;
            }
        }
        if self.file.layer > 0 {
            self.layered.own.push(self.key.text(record));
            if self.file.resource.name == "sources" {
                let confidential = self.says_yes(raw, extras.confidential, "confidential", line);
                let preferred = self.says_yes(raw, extras.preferred, "preferred", line);
                let standing = Standing {
                    confidential: confidential.unwrap_or(false),
                    preferred: preferred.unwrap_or(true),
                };
                self.layered.standing.push((self.key.text(record), standing));
            }
        }
        for (column, text) in self.columns.iter_mut().zip(record) {
            column.note(text, line);
        }
        sound && self.check_order(record, line)
    }

    /// What a cell of a column that only own data has says; nothing when it is empty or not there.
    fn says_yes(
        &mut self,
        raw: &StringRecord,
        place: Option<usize>,
        name: &'static str,
        line: usize,
    ) -> Option<bool> {
        match &raw[place?] {
            "" => None,
            "yes" => Some(true),
            "no" => Some(false),
            other => {
                let found = format!("{name}: `{other}` is neither yes nor no");
                self.push(None, line, found, "write yes or no, or leave the cell empty".to_owned());
                None
            }
        }
    }

    fn check_cell(&mut self, place: usize, text: &str, line: usize) -> bool {
        let verdict = self.columns[place].check(text);
        verdict.map_err(|(found, remedy)| self.push(Some(place), line, found, remedy)).is_ok()
    }

    fn check_order(&mut self, record: &StringRecord, line: usize) -> bool {
        let mut sound = true;
        for group in 0..self.ordered.len() {
            let filled = self.ordered[group].iter().filter(|&&place| !record[place].is_empty());
            let numbers: Vec<(usize, f64)> =
                filled.filter_map(|&place| Some((place, record[place].parse().ok()?))).collect();
            let fall = numbers.windows(2).find(|pair| pair[0].1 > pair[1].1);
            if let Some(&[(left, _), (right, _)]) = fall {
                let name = |place: usize| self.columns[place].field.name.as_str();
                let found =
                    format!("{} {} is above {} {}", name(left), &record[left], name(right), &record[right]);
                let names: Vec<&str> = self.ordered[group].iter().map(|&place| name(place)).collect();
                let remedy = format!("put them in order: {}", names.join(" <= "));
                self.push(Some(left), line, found, remedy);
                sound = false;
            }
        }
        sound
    }

    /// Notes why a row that passed all checks could not be taken over.
    pub(super) fn refuse(&mut self, error: &csv::Error, line: usize) {
        let (place, found) = match error.kind() {
            ErrorKind::Deserialize { err, .. } => (err.field().unwrap_or(0) as usize, err.kind().to_string()),
            _ => (0, error.to_string()),
        };
        let place = place.min(self.columns.len().saturating_sub(1));
        // A value that is not even an identifier cannot exist in the other table: reported there, with a suggestion.
        if let Some(column) = self.columns.get(place).filter(|column| !column.is_foreign) {
            let remedy = column.field.description.clone();
            self.push(Some(place), line, found, remedy);
        }
    }

    /// Notes a problem.
    pub(super) fn push(&mut self, column: Option<usize>, line: usize, found: String, remedy: String) {
        self.problems.push(Problem { column, line, found, remedy });
    }

    /// Takes over the checks of the next part of the same file.
    pub(super) fn append(&mut self, mut next: Self) {
        for (column, later) in self.columns.iter_mut().zip(next.columns) {
            if let (Some(keys), Some(later)) = (&mut column.keys, later.keys) {
                keys.append(later);
            }
        }
        self.seen.append(next.seen);
        self.problems.append(&mut next.problems);
        self.layered.append(next.layered);
    }

    /// Notes rows that share a key, once all are read; `body` is the byte after the header, `places` those of the
    /// columns in the file.
    pub(super) fn repeats(&mut self, places: &[usize], body: usize) {
        let in_file = Key { places: self.key.places.iter().map(|&place| places[place]).collect() };
        let repeats = std::mem::take(&mut self.seen).repeats(&in_file, self.file.text, body);
        for (line, first, key) in repeats {
            let cells: Vec<&str> = key::cells(&key).collect();
            let found = format!("`{}` is already on line {first}", cells.join(", "));
            let remedy = format!("keep one row per {}", self.file.resource.schema.primary_key.join(", "));
            self.push(self.key.places.first().copied(), line, found, remedy);
        }
    }

    /// Hands over what was found.
    pub(super) fn finish(self, checked: &mut Checked) {
        let report = &mut checked.report;
        let name = |place: usize| self.columns[place].field.name.as_str();
        for (place, error) in &self.unusable {
            let found = format!("its pattern in datapackage.json is unusable: {error}");
            report.push(self.file.name, 0, name(*place), found, "write a regular expression");
        }
        let mut counts = vec![0; self.columns.len()];
        for Problem { column, line, found, remedy } in self.problems {
            if let Some(place) = column {
                counts[place] += 1;
                if counts[place] > SPELT_OUT {
                    continue;
                }
            }
            report.push(self.file.name, line, column.map_or("", name), found, remedy);
        }
        for (place, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > SPELT_OUT) {
            let found = format!("{} more problems in this column", count - SPELT_OUT);
            report.push(self.file.name, 0, name(place), found, "mend the ones above and check again");
        }
        for column in self.columns {
            if let Some(keys) = column.keys {
                checked.keys.insert(column.field.name.clone(), keys);
            }
        }
        checked.layered = self.layered;
    }
}
