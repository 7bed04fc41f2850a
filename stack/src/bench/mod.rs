//! What telemetry costs: the measurements behind `cargo stack bench telemetry`.
//!
//! | module | what it is |
//! |---|---|
//! | [`mode`], [`programs`] | what is compared, and its builds |
//! | [`chain`], [`services`] | what is measured, running: the benchmark's two services, and the project's three |
//! | [`generator`], [`sink`], [`message`] | who sends requests, and who takes the spans |
//! | [`rounds`], [`cpu`], [`median`] | processor time, throughput and latency, modes in turn |
//! | [`callgrind`] | instructions |
//! | [`micro`], [`loss`] | one span, and many |
//! | [`faults`], [`receivers`], [`memory`] | the chain while something is wrong with its receiver |
//! | [`sigterm`] | the chain's end under load |
//! | [`halves`], [`account`], [`steady`] | what both need: the two processes, what they say at their end, load that goes on |
//! | [`results`], [`figures`] | what was measured, and what was to be reached |
//! | [`table`], [`plot`] | the same for people |
//! | [`gateway`] | what the gateway's spans cost in nginx: `cargo stack bench gateway` |
//! | [`run`] | all of it in order |

mod account;
mod callgrind;
mod chain;
mod cpu;
mod faults;
mod figures;
mod gateway;
mod generator;
mod halves;
mod loss;
mod median;
mod memory;
mod message;
mod micro;
mod mode;
mod plot;
mod programs;
mod receivers;
mod results;
mod rounds;
mod run;
mod services;
mod sigterm;
mod sink;
mod steady;
mod table;

pub use gateway::{GatewayMeasurement, run as run_gateway};
pub use mode::Mode;
pub use run::{Measurement, Part, run};
