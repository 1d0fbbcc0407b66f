//! Every exporter of every mineral stops for a year.

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ask, Share, first_seed, readings, shock::disruption, top};
use crate::{
    answer,
    ask::{
        Control, Data, Engine, Error,
        answer::{Reply, Unsolved},
        cases::CaseFile,
    },
    base::unit::Range,
    params::{Params, responses::TimeScale},
    policy::disruption,
    studies::{
        gdp::{Assumptions, gdp_screen, report::NoGdp},
        hazard::Regime,
        manifest::{FileHash, sha256_hex},
        screen::{Screen as Found, ScreenOptions, screen},
    },
    world::World,
};

/// Scenarios with ranges when minerals are ranked by what the economy loses: enough for the first of them.
const RANGED: usize = 60;

/// Every exporter of every mineral stops for a year: what that costs whoever buys, and how likely it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// Country or group that buys, such as `USA` or `EU27`; the members of a group count as one.
    pub who: String,
    /// File with groups of exporters.
    #[serde(default)]
    pub case: Option<String>,
    /// File with probabilities in place of the package's.
    #[serde(default)]
    pub hazard: Option<String>,
    /// Times that are assumed.
    #[serde(default)]
    pub regime: Regime,
    /// How long the market has had to respond; that of the case when absent, else `medium`.
    #[serde(default)]
    pub horizon: Option<TimeScale>,
    /// Share of what a stop holds back that still arrives; that of the case when absent, else none.
    #[serde(default)]
    pub leakage: Option<Share>,
    /// Rows that are shown, and drawn for their ranges.
    #[serde(default = "top")]
    pub top: usize,
    /// Draws for the ranges of the rows that are shown; 0 for none.
    #[serde(default = "readings")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

/// What the economy would lose if one exporter stopped for a year, by mineral and industry: USGS-style, our reconstruction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenGdp {
    /// Country or group that buys, such as `USA`; the members of a group count as one.
    pub who: String,
    /// File with groups of exporters.
    #[serde(default)]
    pub case: Option<String>,
    /// File with probabilities in place of the package's.
    #[serde(default)]
    pub hazard: Option<String>,
    /// Times that are assumed.
    #[serde(default)]
    pub regime: Regime,
    /// How long the market has had to respond; that of the case when absent, else `medium`.
    #[serde(default)]
    pub horizon: Option<TimeScale>,
    /// Cost of a mineral over the price of what cannot be made without it, for uses of which no cost share is on file; 0.2 to 5 %
    /// when absent.
    #[serde(default)]
    pub cost_share: Option<Share>,
    /// How far what is left goes to the users that lose most without it, from 0 (all lack the same share) to 1; the whole range
    /// when absent.
    #[serde(default)]
    pub by_value: Option<Share>,
    /// Part of what users lack that becomes lost output; 25 to 100 % when absent.
    #[serde(default)]
    pub lost_output: Option<Share>,
    /// Share of what a stop holds back that still arrives; that of the case when absent, else none.
    #[serde(default)]
    pub leakage: Option<Share>,
    /// Rows that are shown.
    #[serde(default = "top")]
    pub top: usize,
    /// Draws for the ranges of the rows that are shown; 0 for none.
    #[serde(default = "readings")]
    pub draws: usize,
    /// Seed of the draws.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

/// What both screens share.
struct Setting {
    groups: Vec<disruption::Group>,
    params: Params<Range>,
    hazard: Option<(String, String)>,
    leakage: f64,
    scale: TimeScale,
    year: i32,
    files: Vec<FileHash>,
}

impl Setting {
    fn of(
        world: &World,
        year: i32,
        case: Option<&str>,
        hazard: Option<&str>,
        leakage: Option<Share>,
        horizon: Option<TimeScale>,
    ) -> Result<Self, Error> {
        let file = disruption(case, world)?;
        let hazard = match hazard {
            Some(path) => Some((path.to_owned(), fs::read_to_string(path).map_err(Error::file(path))?)),
            None => None,
        };
        let mut files =
            case.map(CaseFile::find).transpose()?.map_or_else(|| Ok(Vec::new()), |file| file.hashes())?;
        files.extend(hazard.as_ref().map(|(path, text)| {
            let name = std::path::Path::new(path).file_name();
            let file = name.map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned());
            FileHash { file, sha256: sha256_hex(text.as_bytes()) }
        }));
        Ok(Self {
            leakage: leakage.map_or_else(|| file.leakage.map_or(0.0, |q| q.range.mid), Share::value),
            scale: horizon.or(file.horizon).unwrap_or_default(),
            groups: file.groups,
            params: file.params,
            hazard,
            year,
            files,
        })
    }

    fn options(&self, regime: Regime, draws: usize, seed: u64, ranged: usize) -> ScreenOptions<'_> {
        ScreenOptions {
            year: self.year,
            scale: self.scale,
            regime,
            groups: &self.groups,
            params: self.params,
            leakage: self.leakage,
            hazard: self.hazard.clone(),
            draws,
            ranged,
            seed,
            valuer: None,
            balanced: &[],
        }
    }
}

/// Scenarios asked for and solved.
fn unsolved(found: &Found) -> Unsolved {
    let solved = found.rows.iter().filter(|row| row.loss_musd.is_some()).count();
    Unsolved { markets: found.rows.len(), failed: found.rows.len() - solved }
}

impl Ask for Screen {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(None)?;
        let group = names.group(&self.who, year)?;
        let setting = Setting::of(
            world,
            year,
            self.case.as_deref(),
            self.hazard.as_deref(),
            self.leakage,
            self.horizon,
        )?;
        let found = screen(world, &group, &setting.options(self.regime, self.draws, self.seed, self.top))?;
        let view = answer::screen::view(world, &found, &group, self.top);
        let (unsolved, limits) = (unsolved(&found), answer::screen::limits(&found));
        let columns = found.columns();
        let mut reply = Reply::new(view, Data::of(found).with_columns(columns)).drawn(self.draws, self.seed);
        (reply.unsolved, reply.limits, reply.files) = (unsolved, limits, setting.files);
        Ok(reply)
    }
}

impl ScreenGdp {
    /// What the question puts in place of the assumptions.
    fn assumptions(&self) -> Result<Assumptions, Error> {
        let mut assumptions = Assumptions::default();
        for (share, range) in [
            (self.cost_share, &mut assumptions.cost_share),
            (self.by_value, &mut assumptions.by_value),
            (self.lost_output, &mut assumptions.lost_output),
        ] {
            if let Some(share) = share {
                *range = Range::exact(share.value());
            }
        }
        if assumptions.cost_share.low <= 0.0 {
            return Err(Error::refused("the cost share is not above zero", "write a share such as 1%"));
        }
        Ok(assumptions)
    }
}

impl Ask for ScreenGdp {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = names.base_year(None)?;
        let group = names.group(&self.who, year)?;
        let setting = Setting::of(
            world,
            year,
            self.case.as_deref(),
            self.hazard.as_deref(),
            self.leakage,
            self.horizon,
        )?;
        let ranged = RANGED.max(6 * self.top.saturating_sub(10));
        let options = setting.options(self.regime, self.draws, self.seed, ranged);
        let found =
            gdp_screen(world, &group, &options, self.assumptions()?).map_err(|error| match error {
                NoGdp::Hazard(problems) => Error::Input(problems),
                NoGdp::NoAccounts => Error::refused(
                    "the package has no input-output accounts",
                    "import them, see docs/src/importers.md",
                ),
            })?;
        let view = answer::gdp::view(world, &found, &group, self.top);
        let (unsolved, limits) = (unsolved(&found.screen), answer::screen::limits(&found.screen));
        let columns = found.screen.columns();
        let mut reply = Reply::new(view, Data::of(found).with_columns(columns)).drawn(self.draws, self.seed);
        (reply.unsolved, reply.limits, reply.files) = (unsolved, limits, setting.files);
        Ok(reply)
    }
}
