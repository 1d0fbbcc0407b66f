//! What can be done to a market for a year, and how it is written: `CHN`, `CHN@refine:USA=50%`.

mod reading;

use reading::{Amount, read_amount, read_delay};

use crate::{
    base::{
        id::{Iso3, MineralId, SourceId},
        unit::{Grade, Range, Stage},
    },
    indicator::Group,
    params::responses::TimeScale,
    policy::{
        Commitment, Lever, Materialises, Quantity,
        lever::{Duty, ExportRestriction, Restriction, ShareCap},
    },
    world::World,
};

/// Highest duty or tax that is taken for more than a slip of the pen, percent.
const HIGHEST_RATE: f64 = 1000.0;

/// One act on a market.
#[derive(Debug, Clone)]
pub enum Act {
    /// A lever of the deal language, in force for the year.
    Lever(Box<Commitment>),
    /// Output halts, at one stage or at all; scrap goes on.
    Stop {
        /// Country.
        country: Iso3,
        /// Stage; absent for all.
        stage: Option<Stage>,
    },
}

/// One thing that somebody does, which may take several acts.
#[derive(Debug, Clone)]
pub struct Intervention {
    /// Short text for tables, such as `CHN bans exports to USA`.
    pub label: String,
    /// What it does.
    pub acts: Vec<Act>,
    /// Countries whose sales are held back.
    pub restricted: Vec<Iso3>,
}

/// The interventions that a question can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterventionKind {
    /// `CHN`, `CHN:USA`: nothing leaves.
    Ban,
    /// `CHN=50%`, `CHN=1200t`: no more than a share of past exports, or a tonnage, leaves.
    Quota,
    /// `CHN=60%`, `CHN=60%+3m`: so much of past exports is licensed, the first after some months.
    Licence,
    /// `CHN=20%`: exports pay a share of their value.
    Tax,
    /// `USA:CHN=25%`: imports of the first from the second pay a share of their value.
    Duty,
    /// `KAZ@refine`: output halts.
    Stop,
    /// `G7:RUS`: the first buy nothing from the second.
    Sanction,
    /// `USA:CHN=40%`, `USA=40%`: the first buy no more than a share of their imports from the second, or from any one.
    ShareCap,
}

impl InterventionKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ban,
        Self::Quota,
        Self::Licence,
        Self::Tax,
        Self::Duty,
        Self::Stop,
        Self::Sanction,
        Self::ShareCap,
    ];

    /// Its name in questions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Quota => "quota",
            Self::Licence => "licence",
            Self::Tax => "tax",
            Self::Duty => "duty",
            Self::Stop => "stop",
            Self::Sanction => "sanction",
            Self::ShareCap => "share-cap",
        }
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Ban => "CHN, CHN:USA or CHN@refine",
            Self::Quota => "CHN=50% or CHN=1200t",
            Self::Licence => "CHN=60%, CHN:USA=60% or CHN=60%+3m",
            Self::Tax => "CHN=20%",
            Self::Duty => "USA:CHN=25%",
            Self::Stop => "KAZ or KAZ@refine",
            Self::Sanction => "G7:RUS",
            Self::ShareCap => "USA:CHN=40% or USA=40%",
        }
    }
}

/// An intervention that cannot be read, with what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} {text}: {found}\n    {remedy}")]
pub struct UnreadableIntervention {
    option: &'static str,
    text: String,
    found: String,
    remedy: String,
}

impl UnreadableIntervention {
    /// What was found, and what would be right.
    pub fn parts(&self) -> (String, String) {
        (format!("{} {}: {}", self.option, self.text, self.found), self.remedy.clone())
    }
}

/// What an intervention is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'w> {
    /// Names of countries and blocs.
    pub world: &'w World,
    /// The mineral.
    pub mineral: &'w MineralId,
    /// Stages that its chain has.
    pub stages: &'w [Stage],
    /// The year, for memberships of blocs.
    pub year: i32,
    /// How long the market has had to respond, for delays.
    pub scale: TimeScale,
}

impl Intervention {
    /// Reads an intervention: `WHO[@STAGE][:WHOM][=AMOUNT]`, where `WHO` and `WHOM` are countries (codes or
    /// names) or blocs, several with `+` between.
    ///
    /// # Errors
    /// What is wrong and what would be right.
    pub fn parse(
        kind: InterventionKind,
        text: &str,
        context: &Context<'_>,
    ) -> Result<Self, UnreadableIntervention> {
        let fault = |found: String, remedy: String| UnreadableIntervention {
            option: kind.as_str(),
            text: text.to_owned(),
            found,
            remedy,
        };
        let form = || format!("write it as {}", kind.form());
        let (parties, amount) = text.split_once('=').map_or((text, None), |(p, a)| (p, Some(a.trim())));
        let (who, whom) = parties.split_once(':').map_or((parties, None), |(a, b)| (a, Some(b)));
        let mut stage = None;
        let mut side = |text: &str| -> Result<(Vec<Iso3>, String), UnreadableIntervention> {
            let (names, at) =
                text.split_once('@').map_or((text, None), |(names, at)| (names, Some(at.trim())));
            if let Some(at) = at {
                let known = context.stages.iter().find(|s| s.as_str() == at);
                let stages: Vec<&str> = context.stages.iter().map(|s| s.as_str()).collect();
                let remedy = format!("{} has {} here", context.mineral, stages.join(" and "));
                stage = Some(*known.ok_or_else(|| fault(format!("there is no stage `{at}`"), remedy))?);
            }
            let group = Group::parse(context.world, names, context.year).map_err(|error| {
                let (found, remedy) = error.parts();
                fault(found, remedy)
            })?;
            Ok((group.list(), group.name))
        };
        let (first, first_name) = side(who)?;
        let (second, second_name) = whom.map(&mut side).transpose()?.unwrap_or_default();
        if let Some(both) = first.iter().find(|c| second.contains(c)) {
            return Err(fault(format!("{both} stands on both sides"), "trade at home goes on".to_owned()));
        }
        let (amount, delay) = match amount {
            Some(text) if kind == InterventionKind::Licence => {
                let (text, months) = read_delay(text).map_err(|(f, r)| fault(f, r))?;
                (Some(text), months)
            }
            _ => (amount, 0.0),
        };
        let amount = amount.map(|text| read_amount(text).map_err(|(f, r)| fault(f, r))).transpose()?;
        let stages = stage.map_or_else(|| context.stages.to_vec(), |s| vec![s]);
        let (exporters, importers) = match kind {
            InterventionKind::Duty | InterventionKind::Sanction | InterventionKind::ShareCap => {
                (second, first)
            }
            _ => (first, second),
        };
        let spoken = match (kind, whom) {
            (InterventionKind::Duty | InterventionKind::Sanction | InterventionKind::ShareCap, Some(_)) => {
                format!("{second_name} to {first_name}")
            }
            (InterventionKind::Duty, None) => format!("all to {first_name}"),
            (InterventionKind::ShareCap, None) => format!("any one to {first_name}"),
            (_, Some(_)) => format!("{first_name} to {second_name}"),
            (_, None) => first_name,
        };
        let at = stage.map(|s| format!(", {s}")).unwrap_or_default();
        let restrict = |restriction, share: Option<f64>, tonnes: Option<f64>, percent: Option<f64>| {
            let quantity = |value: Option<f64>| value.map(|v| Quantity::stated(Range::exact(v)));
            // One act for each stage: a quota of tonnes is one for each as well.
            let lever = |stage: Stage| {
                Lever::ExportRestriction(ExportRestriction {
                    mineral: context.mineral.clone(),
                    stage,
                    exporters: exporters.clone(),
                    importers: importers.clone(),
                    kind: restriction,
                    quota_share: quantity(share),
                    t_per_year: quantity(tonnes),
                    percent: quantity(percent),
                    years: Quantity::stated(Range::exact(1.0)),
                })
            };
            stages
                .iter()
                .map(|&stage| in_force(&format!("{}@{stage}", kind.as_str()), lever(stage)))
                .collect()
        };
        let share = |amount: Option<Amount>| match amount {
            Some(Amount::Percent(p)) if (0.0..=100.0).contains(&p) => Ok((Some(p / 100.0), None)),
            Some(Amount::Percent(p)) => {
                Err(fault(format!("{p} % of past exports"), "give a share from 0% to 100%".to_owned()))
            }
            Some(Amount::Tonnes(t)) => Ok((None, Some(t))),
            None => Err(fault("the amount is missing".to_owned(), form())),
        };
        let rate = |amount: Option<Amount>| match amount {
            Some(Amount::Percent(p)) if (0.0..=HIGHEST_RATE).contains(&p) => Ok(p),
            Some(Amount::Percent(p)) => {
                Err(fault(format!("a rate of {p} %"), format!("give a rate from 0% to {HIGHEST_RATE}%")))
            }
            _ => Err(fault("the rate is missing".to_owned(), form())),
        };
        if amount.is_some()
            && matches!(kind, InterventionKind::Ban | InterventionKind::Stop | InterventionKind::Sanction)
        {
            return Err(fault(format!("a {} has no amount", kind.as_str()), form()));
        }
        let needs_two = matches!(kind, InterventionKind::Sanction) && whom.is_none();
        if needs_two || (kind == InterventionKind::Stop && whom.is_some()) {
            return Err(fault("the parties are not clear".to_owned(), form()));
        }
        let (verb, acts): (String, Vec<Act>) = match kind {
            InterventionKind::Ban => ("export ban".into(), restrict(Restriction::Ban, None, None, None)),
            InterventionKind::Sanction => ("sanctions".into(), restrict(Restriction::Ban, None, None, None)),
            InterventionKind::Quota | InterventionKind::Licence => {
                let (part, tonnes) = share(amount)?;
                let (word, restriction) = if kind == InterventionKind::Quota {
                    ("export quota", Restriction::Quota)
                } else {
                    ("licences for", Restriction::Licence)
                };
                let size = part.map_or_else(
                    || format!("{} t", tonnes.unwrap_or_default()),
                    |part| format!("{} %", (part * 1000.0).round() / 10.0),
                );
                // Until the first licence nothing passes: that part of the time is lost.
                let passed = context.scale.window_years().map_or(0.0, |years| delay / (12.0 * years));
                let open = |amount: Option<f64>| amount.map(|amount| amount * (1.0 - passed.min(1.0)));
                let after = if delay > 0.0 { format!(" after {delay} months") } else { String::new() };
                (format!("{word} {size}{after}"), restrict(restriction, open(part), open(tonnes), None))
            }
            InterventionKind::Tax => {
                let percent = rate(amount)?;
                (format!("export tax {percent} %"), restrict(Restriction::Tax, None, None, Some(percent)))
            }
            InterventionKind::Duty => {
                let percent = rate(amount)?;
                let lever = |stage| {
                    Lever::Duty(Duty {
                        mineral: context.mineral.clone(),
                        stage,
                        exporters: exporters.clone(),
                        importers: importers.clone(),
                        percent: Some(Quantity::stated(Range::exact(percent))),
                        usd_per_t: None,
                    })
                };
                let acts = stages.iter().map(|&stage| in_force(&format!("duty@{stage}"), lever(stage)));
                (format!("import duty {percent} %"), acts.collect())
            }
            InterventionKind::ShareCap => {
                let Some(Amount::Percent(percent)) = amount.filter(is_share) else {
                    return Err(fault("a share from 0% to 100% is missing".to_owned(), form()));
                };
                let suppliers = if exporters.is_empty() {
                    vec![None]
                } else {
                    exporters.iter().copied().map(Some).collect()
                };
                let lever = |stage, supplier| {
                    let max_share = Quantity::stated(Range::exact(percent / 100.0));
                    let (mineral, importers) = (context.mineral.clone(), importers.clone());
                    Lever::ShareCap(ShareCap { mineral, stage, importers, supplier, max_share })
                };
                let acts = stages.iter().flat_map(|&stage| {
                    let one = move |supplier: &Option<Iso3>| {
                        in_force(&format!("share-cap@{stage}"), lever(stage, *supplier))
                    };
                    suppliers.iter().map(one)
                });
                (format!("at most {percent} % of imports"), acts.collect())
            }
            InterventionKind::Stop => {
                let stop = |&country: &Iso3| Act::Stop { country, stage };
                ("output stops".into(), exporters.iter().map(stop).collect())
            }
        };
        let restricted = match kind {
            InterventionKind::Duty | InterventionKind::ShareCap => Vec::new(),
            _ => exporters.clone(),
        };
        Ok(Self { label: format!("{verb}, {spoken}{at}"), acts, restricted })
    }

    /// A full stop of exports of some countries, at all stages or at one.
    pub fn export_stop(mineral: &MineralId, exporters: &[Iso3], stages: &[Stage]) -> Self {
        let lever = |stage: Stage| {
            Lever::ExportRestriction(ExportRestriction {
                mineral: mineral.clone(),
                stage,
                exporters: exporters.to_vec(),
                importers: Vec::new(),
                kind: Restriction::Ban,
                quota_share: None,
                t_per_year: None,
                percent: None,
                years: Quantity::stated(Range::exact(1.0)),
            })
        };
        let names: Vec<&str> = exporters.iter().map(Iso3::as_str).collect();
        Self {
            label: format!("export ban, {}", names.join("+")),
            acts: stages.iter().map(|&stage| in_force(&format!("ban@{stage}"), lever(stage))).collect(),
            restricted: exporters.to_vec(),
        }
    }

    /// A lever of a disruption file.
    pub fn of_lever(label: String, commitment: Commitment) -> Self {
        let restricted = match &commitment.lever {
            Lever::ExportRestriction(lever) => lever.exporters.clone(),
            _ => Vec::new(),
        };
        Self { label, acts: vec![Act::Lever(Box::new(commitment))], restricted }
    }

    /// Every country that the intervention names.
    pub fn countries(&self) -> Vec<Iso3> {
        let of = |act: &Act| match act {
            Act::Stop { country, .. } => vec![*country],
            Act::Lever(commitment) => commitment.lever.countries(),
        };
        self.acts.iter().flat_map(of).collect()
    }
}

/// Whether an amount is a share from 0 to 100 %.
fn is_share(amount: &Amount) -> bool {
    matches!(amount, Amount::Percent(percent) if (0.0..=100.0).contains(percent))
}

/// A lever as a commitment that has materialised.
pub(super) fn in_force(id: &str, lever: Lever) -> Act {
    let certain = Materialises {
        probability: Quantity::stated(Range::exact(1.0)),
        year: Quantity::stated(Range::exact(0.0)),
    };
    Act::Lever(Box::new(Commitment {
        id: id.to_owned(),
        arms: Vec::new(),
        deal: None,
        answers: None,
        payer: None,
        materialises: certain,
        source: SourceId::assumption(),
        grade: Grade::C,
        note: String::new(),
        lever,
    }))
}
