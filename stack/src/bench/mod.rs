//! What telemetry costs: the measurements behind `cargo stack bench telemetry`.
//!
//! | module | what it is |
//! |---|---|
//! | [`mode`], [`programs`] | what is compared, and its builds |
//! | [`chain`], [`services`] | what is measured, running: the benchmark's two services, and the project's three |
//! | [`generator`], [`sink`], [`message`] | who sends requests, and who takes the spans |
//! | [`rounds`], [`cpu`] | processor time, throughput and latency, modes in turn |
//! | [`callgrind`] | instructions |
//! | [`micro`], [`loss`] | one span, and many |
//! | [`results`], [`figures`] | what was measured, and what was to be reached |
//! | [`table`], [`plot`] | the same for people |
//! | [`gateway`] | what the gateway's spans cost in nginx: `cargo stack bench gateway` |
//! | [`run`] | all of it in order |

mod callgrind;
mod chain;
mod cpu;
mod figures;
mod gateway;
mod generator;
mod loss;
mod message;
mod micro;
mod mode;
mod plot;
mod programs;
mod results;
mod rounds;
mod run;
mod services;
mod sink;
mod table;

pub use gateway::{GatewayMeasurement, run as run_gateway};
pub use mode::Mode;
pub use run::{Measurement, Part, run};
