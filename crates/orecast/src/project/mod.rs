//! Projects one by one: how far they have come, how long the rest takes, what they cost and need, what the host takes, and who controls
//! what they will make.
//!
//! [`ladder`] names the rungs and kinds, [`clock`] the times between them, [`course`] draws one project's future, [`overrun`] its cost,
//! [`economics`] what price it needs, [`calibration`] sets all samplers beside the published figures. [`list`] and [`sheet`] gather
//! what a reader gets. Everything uncertain is a quantile function of one number in (0, 1), so that Sobol points drive it.

pub mod calibration;
pub mod clock;
pub mod course;
pub mod economics;
pub mod fiscal;
pub mod ladder;
pub mod licence;
pub mod list;
pub mod overrun;
pub mod sheet;
