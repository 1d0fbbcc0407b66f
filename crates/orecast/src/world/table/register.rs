//! Tables of the register: what was promised, by whom, and what came of it.

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        date::PartialDate,
        id::{DealId, MeasureId, MineralId, PartyId, ProjectId, SourceId, ThreadId},
        unit::Grade,
    },
    world::list::List,
};

words! {
    /// What kind of paper or act an agreement is.
    Form {
        /// Memorandum of understanding.
        Memorandum = "memorandum",
        /// Framework with named means and dates.
        Framework = "framework",
        /// Treaty-like partnership agreement.
        Partnership = "partnership",
        /// A common fund or holding company.
        JointInvestment = "joint-investment",
        /// Agreement about tariffs and export rules.
        TradeAgreement = "trade-agreement",
        /// A plan of joint steps.
        ActionPlan = "action-plan",
        /// A standing group of states.
        Forum = "forum",
        /// A declaration of several states.
        Declaration = "declaration",
        /// Investments announced together, often at a summit.
        Package = "package",
        /// Contract with or between companies.
        CompanyContract = "company-contract",
        /// Memorandum between companies.
        CompanyMemorandum = "company-memorandum",
        /// Contract to sell output.
        OfftakeContract = "offtake-contract",
        /// Direct investment.
        Investment = "investment",
        /// Public or part-public stock.
        Stockpile = "stockpile",
        /// Act of one state that others have to answer.
        Unilateral = "unilateral",
    }
}

words! {
    /// Whether an agreement binds in law.
    Force {
        /// Binds.
        Binding = "binding",
        /// Does not bind.
        NonBinding = "non-binding",
        /// Binds in part.
        Mixed = "mixed",
        /// A political commitment.
        Political = "political",
        /// Nothing is said about it.
        Unstated = "unstated",
    }
}

words! {
    /// A rung of the ladder from a word to a delivery. Money has rungs of its own between the letter and the draw.
    Step {
        /// Said in public.
        Announced = "announced",
        /// Signed.
        Signed = "signed",
        /// Ratified or in effect.
        InForce = "in-force",
        /// A lender is willing to look at it.
        LetterOfInterest = "letter-of-interest",
        /// The borrower has applied.
        Applied = "applied",
        /// A lender approves under conditions.
        Conditional = "conditional",
        /// Money or duty is committed: final approval, closing, a definitive contract.
        Committed = "committed",
        /// The decision to build.
        InvestmentDecision = "investment-decision",
        /// Money is drawn.
        Drawn = "drawn",
        /// Built.
        Built = "built",
        /// What was promised is there.
        Delivered = "delivered",
        /// Given up or overtaken.
        Lapsed = "lapsed",
        /// Ended by a party.
        Denounced = "denounced",
    }
}

impl Step {
    /// Whether nothing more can follow.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Lapsed | Self::Denounced)
    }

    /// Whether a lender offers money without being bound to it.
    pub const fn is_offer(self) -> bool {
        matches!(self, Self::LetterOfInterest | Self::Applied | Self::Conditional)
    }

    /// Whether money or a duty is committed, or more.
    pub const fn is_committed(self) -> bool {
        matches!(
            self,
            Self::Committed | Self::InvestmentDecision | Self::Drawn | Self::Built | Self::Delivered
        )
    }
}

words! {
    /// What a clause is about: a lever of the model, or something that no lever expresses.
    ClauseKind {
        /// Public money or risk cover.
        ProjectFinance = "project-finance",
        /// A promise to buy.
        Offtake = "offtake",
        /// A lowest price.
        PriceFloor = "price-floor",
        /// Money per tonne.
        ProductionCredit = "production-credit",
        /// Know-how for refining.
        TechTransfer = "tech-transfer",
        /// Shorter waiting for permits, or stable rules.
        Permitting = "permitting",
        /// A route.
        Infrastructure = "infrastructure",
        /// Import duty.
        Duty = "duty",
        /// Export ban, quota, licence or tax.
        ExportRestriction = "export-restriction",
        /// Freedom from duties or restrictions.
        Exemption = "exemption",
        /// A promise not to restrict exports.
        PledgeNotToRestrict = "pledge-not-to-restrict",
        /// Public stock.
        Stockpile = "stockpile",
        /// Refusal of owners.
        OwnershipScreen = "ownership-screen",
        /// First call on output or stakes.
        RightOfFirstOffer = "right-of-first-offer",
        /// Highest share from one supplier.
        ShareCap = "share-cap",
        /// Secondary supply.
        Recycling = "recycling",
        /// Processing in the host country; no lever of its own: a project's stage says it.
        InCountryProcessing = "in-country-processing",
        /// Standards of markets; no lever.
        MarketStandards = "market-standards",
        /// A company stops selling to a country; no lever.
        ExportStop = "export-stop",
    }
}

impl ClauseKind {
    /// Whether a lever of the model expresses it.
    pub const fn is_lever(self) -> bool {
        !matches!(self, Self::InCountryProcessing | Self::MarketStandards | Self::ExportStop)
    }
}

words! {
    /// How firmly a clause stands in a text.
    Strength {
        /// The text promises it.
        Promised = "promised",
        /// The text names it as something to look into.
        Named = "named",
        /// The text is not public.
        Unknown = "unknown",
    }
}

words! {
    /// How a project belongs to a deal.
    Link {
        /// The deal or its companion papers name it.
        Named = "named",
        /// It lies in a party's country and in the deal's scope; nothing says that the deal moves it.
        InScope = "in-scope",
    }
}

words! {
    /// State of a measure when it was last seen.
    MeasureState {
        /// In force.
        InForce = "in-force",
        /// In force in 2024, the year of the inventory; later unknown.
        InForce2024 = "in-force-2024",
        /// Announced or agreed, not in effect as far as seen.
        Announced = "announced",
        /// Suspended.
        Suspended = "suspended",
        /// Its term has run out; whether it was renewed is unknown.
        EndedOrRenewed = "ended-or-renewed",
        /// Ended.
        Ended = "ended",
        /// On the books at a rate of zero.
        ZeroRate = "zero-rate",
        /// Reported; it has no legal state.
        Reported = "reported",
    }
}

/// `agreements.csv`: a deal, as last seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementRow {
    /// Identifier.
    pub id: DealId,
    /// Title.
    pub name: String,
    /// Day of signature or announcement, as far as known.
    pub date: PartialDate,
    /// Countries or blocs that seek supply, or act first.
    pub side_a: List<PartyId>,
    /// Countries or blocs that have it, or are addressed; empty when the act has no other side.
    pub side_b: List<PartyId>,
    /// Agencies and companies that sign, where they are not the states themselves.
    pub signatories: String,
    /// Form.
    pub form: Form,
    /// Legal force.
    pub force: Force,
    /// The source's words on it.
    pub force_note: String,
    /// Highest rung that the deal as a whole had reached when last seen.
    pub status: Step,
    /// When it was last seen.
    pub status_date: Option<PartialDate>,
    /// The source's words on it.
    pub status_note: String,
    /// Minerals named.
    pub minerals: List<MineralId>,
    /// What it covers beyond them, such as `broad`.
    pub others: String,
    /// Money named, million US dollars; public and private together.
    pub money_musd: Option<f64>,
    /// What the money is.
    pub money_note: String,
    /// Deadlines as published; `events.csv` has them as dates.
    pub deadlines: String,
    /// Projects as published; `deal_projects.csv` has them by identifier.
    pub named_projects: String,
    /// What was seen to follow.
    pub outcome: String,
    /// Source.
    pub source: SourceId,
    /// Date of the source.
    pub source_date: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `clauses.csv`: what one deal says about one lever.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClauseRow {
    /// Deal.
    pub deal: DealId,
    /// What it is about.
    pub clause: ClauseKind,
    /// How firmly it stands.
    pub strength: Strength,
    /// The terms, in short.
    pub text: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `deal_projects.csv`: a project that belongs to a deal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DealProjectRow {
    /// Deal.
    pub deal: DealId,
    /// Project.
    pub project: ProjectId,
    /// How it belongs.
    pub link: Link,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
}

/// `events.csv`: a step of one promise, taken or still due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventRow {
    /// Deal that it belongs to; absent for promises outside the deals of the register.
    pub deal: Option<DealId>,
    /// The promise whose steps belong together.
    pub thread: ThreadId,
    /// Project that it is about.
    pub project: Option<ProjectId>,
    /// Who promised.
    pub actor: Option<PartyId>,
    /// The step.
    pub step: Step,
    /// When it was taken; absent while it is open.
    pub date: Option<PartialDate>,
    /// When it was promised for.
    pub due: Option<PartialDate>,
    /// When it was last looked at, so that silence after that is no evidence.
    pub seen: Option<PartialDate>,
    /// Million US dollars.
    pub amount_musd: Option<f64>,
    /// Whether the thread counts in observed rates: it was recorded whatever came of it, not because of how it ended.
    pub counts: bool,
    /// What happened or was promised.
    pub text: String,
    /// Source.
    pub source: SourceId,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `measures.csv`: an act of a state: a restriction, its end, support, or an answer to a deal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MeasureRow {
    /// Identifier.
    pub id: MeasureId,
    /// Who acts.
    pub actor: PartyId,
    /// Whom it is aimed at; empty for all.
    pub targets: List<PartyId>,
    /// The target as published, where it is no country.
    pub target_note: String,
    /// Minerals.
    pub minerals: List<MineralId>,
    /// Goods beyond them, as published.
    pub others: String,
    /// Forms of the goods, such as `ore;metal;scrap`.
    pub goods: String,
    /// What is done, such as `ban`, `licence`, `tax`, `counter-offer`.
    pub kind: String,
    /// How strongly, as published.
    pub strength: String,
    /// When it was announced.
    pub announced: Option<PartialDate>,
    /// When it took effect.
    pub from: Option<PartialDate>,
    /// When it ended or ends.
    pub to: Option<PartialDate>,
    /// When it was last suspended.
    pub suspended: Option<PartialDate>,
    /// Last day of the suspension: the measure returns after it unless the suspension is extended.
    pub returns: Option<PartialDate>,
    /// When that day was last moved.
    pub extended: Option<PartialDate>,
    /// The last day of the suspension before it was moved.
    pub returns_before: Option<PartialDate>,
    /// State when last seen.
    pub state: MeasureState,
    /// When the state was last seen; empty where the source tells no more than its own date.
    pub seen: Option<PartialDate>,
    /// The source's words on it.
    pub state_note: String,
    /// Deal that it answers or carries out.
    pub deal: Option<DealId>,
    /// Customs codes, HS 6 digits, separated by `;`.
    pub hs6: String,
    /// Legal act or reach.
    pub scope: String,
    /// Whether only scrap is covered.
    pub scrap_only: bool,
    /// The row that tells the same.
    pub duplicate_of: Option<MeasureId>,
    /// What was seen to follow.
    pub effect: String,
    /// Source.
    pub source: SourceId,
    /// Law, announcement or page.
    pub reference: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}

/// `precedents.csv`: a published number on public finance or the terms of a lever.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrecedentRow {
    /// Identifier.
    pub id: String,
    /// Topic: `loi_conversion`, `lever_finance` or `lever`.
    pub topic: String,
    /// Lever that it is a precedent for.
    pub clause: Option<ClauseKind>,
    /// What was measured, or the deal that set it.
    pub name: String,
    /// Minerals, as published.
    pub subject: String,
    /// Country, as published.
    pub place: String,
    /// Stage of the project or step of the path.
    pub stage: String,
    /// The figure.
    pub value: Option<f64>,
    /// Low end.
    pub low: Option<f64>,
    /// High end.
    pub high: Option<f64>,
    /// The figure as published, where it is no plain number.
    pub raw: String,
    /// Unit.
    pub unit: String,
    /// Number of cases.
    pub n: Option<f64>,
    /// Period, or years that the term runs.
    pub period: String,
    /// Source.
    pub source: SourceId,
    /// Page or document read.
    pub reference: String,
    /// Date of the source.
    pub source_date: String,
    /// Evidence grade.
    pub grade: Grade,
    /// Remark.
    pub note: String,
}
