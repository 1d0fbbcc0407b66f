//! One mineral and year as a market that can be changed and solved again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Ask;
use crate::{
    answer::{self, market::Solved},
    ask::{
        Control, Data, Engine, Error,
        answer::{Reply, Unsolved},
    },
    base::diagnostic::Diagnostics,
    baseline::Baseline,
    market::{Market, Solver, Status},
    params::responses::Responses,
    pathway::calibrate::{BasePrices, Utilisation, calibrate},
    studies::manifest::{FileHash, sha256_hex},
};

/// The calibrated market of a mineral and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketDump {
    /// Mineral with a market of its own, such as `tungsten`.
    pub mineral: String,
    /// Balanced year; the last one with complete trade when absent.
    #[serde(default)]
    pub year: Option<i32>,
}

/// Prices, flows and certificate of a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketSolve {
    /// The market as an object, or the path of a file that holds it.
    pub market: Value,
}

/// The document of a market.
#[derive(Serialize)]
struct Dumped {
    market: Market,
    /// The same as the text of a file.
    file: String,
}

impl Ask for MarketDump {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let mineral = names.market(&self.mineral, "a market")?;
        let year = names.base_year(self.year)?;
        let baseline = Baseline::build(world, mineral.as_str(), year, &[])
            .map_err(|error| Error::refused(error.to_string(), "ask for another mineral or year"))?;
        let prices = BasePrices::of(world, &baseline).ok_or_else(|| {
            Error::refused(format!("no price of {mineral} is published"), "ask for another mineral")
        })?;
        let basis = world.mineral(mineral.as_str()).map_or("t", |row| row.basis.as_str());
        let utilisation = Utilisation::of(world, &baseline);
        let responses =
            Responses::of(world, &baseline.mineral, baseline.two_stages, baseline.last_stage).mid();
        let market = calibrate(&baseline, basis, &prices, &utilisation, &responses);
        let mut file = serde_json::to_string_pretty(&market).unwrap_or_default() + "\n";
        if world.has_confidential() {
            file = file.replacen('{', "{\n  \"confidential\": true,", 1);
        }
        Ok(Reply::new(answer::market::market(&market), Data::of(Dumped { market, file })))
    }
}

/// A market with the name of its file, whether it was made from confidential data, and its content by hash.
struct Read {
    name: String,
    market: Market,
    is_confidential: bool,
    files: Vec<FileHash>,
}

fn read(asked: &Value) -> Result<Read, Error> {
    let wrong = |name: &str, line: usize, said: String| {
        let mut problems = Diagnostics::default();
        problems.push(name, line, "", said, "see docs/schemas/market.schema.json");
        Error::Input(problems)
    };
    let marked = |value: &Value| value.get("confidential") == Some(&true.into());
    let Some(path) = asked.as_str() else {
        let name = "market".to_owned();
        let market =
            serde_json::from_value(asked.clone()).map_err(|error| wrong(&name, 0, error.to_string()))?;
        return Ok(Read { name, market, is_confidential: marked(asked), files: Vec::new() });
    };
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    let json = |error: serde_json::Error| wrong(path, error.line(), error.to_string());
    let market = serde_json::from_str(&text).map_err(json)?;
    let is_confidential = marked(&serde_json::from_str(&text).map_err(json)?);
    let file = std::path::Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
    let hash =
        FileHash { file: file.unwrap_or_else(|| path.to_owned()), sha256: sha256_hex(text.as_bytes()) };
    Ok(Read { name: path.to_owned(), market, is_confidential, files: vec![hash] })
}

impl Ask for MarketSolve {
    fn reply(&self, _: &Engine, _: &Control) -> Result<Reply, Error> {
        let Read { name, market, is_confidential, files } = read(&self.market)?;
        let mut problems = Diagnostics::default();
        for problem in market.problems() {
            problems.push(&name, 0, &problem.place, "not a legal market", problem.problem);
        }
        problems.into_result(())?;
        let solution = Solver::default().solve(&market);
        let failed = usize::from(solution.status != Status::Converged);
        let solved = Solved::of(&market, solution);
        let mut reply = Reply::new(answer::market::solution(&solved), Data::of(solved));
        reply.unsolved = Unsolved { markets: 1, failed };
        reply.confidential = is_confidential;
        reply.files = files;
        Ok(reply)
    }
}
