//! Projects one by one: how far they have come, how long the rest takes, what they cost and need, what the host takes, and who controls
//! what they will make.
//!
//! [`milestone`] names the milestones and kinds, [`lead_time`] the times between them, [`trajectory`] draws one project's future, [`overrun`] its cost,
//! [`economics`] what price it needs, [`calibration`] sets all samplers beside the published figures. [`list`] and [`report`] gather
//! what a reader gets. Everything uncertain is a quantile function of one number in (0, 1), so that Sobol points drive it.

pub mod calibration;
pub mod economics;
pub mod fiscal;
pub mod lead_time;
pub mod licence;
pub mod list;
pub mod milestone;
pub mod overrun;
pub mod report;
pub mod trajectory;
