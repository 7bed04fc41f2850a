//! Modes in turn, round after round, and what the rounds have in common.
//!
//! A machine is not the same from one second to the next. So in a round the programs of all modes are there at once, and take
//! turns of a fraction of a second, somebody else beginning each time: what disturbs the machine disturbs all of them alike. The next round starts them anew, since where a program lies in memory makes a difference as well. A ratio is taken
//! within a round; what is told is the median of the rounds.

use super::generator::{Answers, Until};
use super::median::{bounds, median};
use super::mode::Mode;
use super::results::ModeRow;
use super::sink::Sink;
use crate::bench::cpu::CpuTime;
use crate::failure::Failure;
use std::time::Duration;

/// Fills pools and caches, and lets the processes' sizes settle.
const WARM_UP: Duration = Duration::from_millis(700);
/// A turn. Shorter ones would measure connections being made, longer ones the machine's moods.
const TURN: Duration = Duration::from_millis(500);

/// Something that runs in a mode and answers requests.
pub trait Subject {
    /// Sends requests.
    fn send(&self, connections: usize, until: Until) -> Result<Answers, Failure>;
    /// The processes whose time counts.
    fn pids(&self) -> Vec<u32>;
    /// Ends it; what it still has of spans is exported.
    fn stop(self);
    /// Spans that a request makes in this mode; 0 where that is not known.
    fn spans_per_request(mode: &Mode) -> u64;
}

/// One mode in one round.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Microseconds of processor time of all services, a request.
    pub cpu_us: f64,
    /// Answers a second.
    pub rate: f64,
    /// Milliseconds.
    pub p50_ms: f64,
    /// Milliseconds.
    pub p99_ms: f64,
    /// Requests whose spans were to be made: the warm-up's as well.
    pub requests: u64,
    /// Spans that were received.
    pub spans: u64,
    /// Bytes of their exports.
    pub bytes: u64,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds.
    pub rounds: usize,
    /// How long each mode runs in each round, in all its turns together.
    pub time: Duration,
    /// Requests under way at a time.
    pub connections: usize,
}

/// Runs all modes in all rounds. `start` starts a mode that exports to a receiver of its own, `tell` is told before each round.
pub fn run<S: Subject>(
    modes: &[Mode],
    effort: Effort,
    start: impl Fn(&Mode, &Sink) -> Result<S, Failure>,
    tell: impl Fn(usize),
) -> Result<Vec<ModeRow>, Failure> {
    let sinks = modes.iter().map(|_| Sink::start(Duration::ZERO)).collect::<Result<Vec<_>, _>>()?;
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); modes.len()];
    for round in 0..effort.rounds {
        tell(round);
        let started = modes.iter().zip(&sinks).map(|(mode, sink)| Running::start(start(mode, sink)?, sink, effort));
        let mut running = started.collect::<Result<Vec<_>, _>>()?;
        for turn in 0..turns(effort.time) {
            for index in order(modes.len(), round + turn) {
                running.get_mut(index).map_or(Ok(()), |running| running.turn(effort))?;
            }
        }
        for (running, samples) in running.into_iter().zip(&mut samples) {
            samples.push(running.end()?);
        }
    }
    Ok(rows(modes, &samples, S::spans_per_request))
}

/// Whose turn it is, one after the other. Each time somebody else begins, and nobody has two turns running: a program that has
/// just run finds its memory in the processors' caches, and would look cheaper.
fn order(modes: usize, turn: usize) -> impl Iterator<Item = usize> {
    (0..modes).map(move |index| (index + turn) % modes)
}

/// Turns that make up this time; there is one at least.
fn turns(time: Duration) -> usize {
    time.div_duration_f64(TURN).ceil().max(1.0) as usize
}

/// A mode that is being measured.
struct Running<'a, S> {
    subject: S,
    sink: &'a Sink,
    /// What the receiver had before.
    received: (u64, u64),
    /// When it was warm.
    before: CpuTime,
    warm_up: u64,
    answers: Answers,
}

impl<'a, S: Subject> Running<'a, S> {
    fn start(subject: S, sink: &'a Sink, effort: Effort) -> Result<Self, Failure> {
        let received = (sink.spans(), sink.bytes());
        let warm_up = subject.send(effort.connections, Until::Elapsed(WARM_UP))?.count;
        let before = CpuTime::of(&subject.pids())?;
        Ok(Self { subject, sink, received, before, warm_up, answers: Answers::none()? })
    }

    fn turn(&mut self, effort: Effort) -> Result<(), Failure> {
        self.answers.add(&self.subject.send(effort.connections, Until::Elapsed(TURN))?)
    }

    /// What it has cost up to now, between its turns as well: that is where some of its exports fall.
    fn end(self) -> Result<Sample, Failure> {
        let Self { subject, sink, received: (spans, bytes), before, warm_up, answers } = self;
        let spent = CpuTime::of(&subject.pids())?.since(&before);
        subject.stop();
        Ok(Sample {
            cpu_us: spent as f64 / 1_000.0 / answers.count.max(1) as f64,
            rate: answers.rate(),
            p50_ms: answers.percentile_ms(50.0),
            p99_ms: answers.percentile_ms(99.0),
            requests: warm_up + answers.count,
            spans: sink.spans() - spans,
            bytes: sink.bytes() - bytes,
        })
    }
}

fn rows(modes: &[Mode], samples: &[Vec<Sample>], spans_per_request: fn(&Mode) -> u64) -> Vec<ModeRow> {
    let of = |name: &str| modes.iter().position(|mode| mode.name == name).and_then(|index| samples.get(index));
    let rows = modes.iter().zip(samples).map(|(mode, own)| {
        let baseline = of(mode.baseline).unwrap_or(own);
        let value = |pick: fn(&Sample) -> f64| median(own.iter().map(pick).collect());
        let ratios = |pick: fn(&Sample) -> f64| -> Vec<f64> {
            own.iter().zip(baseline).map(|(own, baseline)| pick(own) / pick(baseline)).collect()
        };
        let ratio = |pick| median(ratios(pick));
        let cpu_ratios = ratios(|sample| sample.cpu_us);
        let (cpu_ratio_from, cpu_ratio_to) = bounds(cpu_ratios.clone());
        let due: u64 = own.iter().map(|sample| sample.requests * spans_per_request(mode)).sum();
        let (received, bytes) =
            own.iter().fold((0, 0), |(spans, bytes), sample| (spans + sample.spans, bytes + sample.bytes));
        ModeRow {
            mode: mode.name,
            title: mode.title,
            baseline: mode.baseline,
            cpu_us: value(|sample| sample.cpu_us),
            cpu_ratio: median(cpu_ratios),
            cpu_ratio_from,
            cpu_ratio_to,
            rate: value(|sample| sample.rate),
            rate_ratio: ratio(|sample| sample.rate),
            p50_ms: value(|sample| sample.p50_ms),
            p50_ratio: ratio(|sample| sample.p50_ms),
            p99_ms: value(|sample| sample.p99_ms),
            p99_ratio: ratio(|sample| sample.p99_ms),
            spans_due: due,
            spans_received: received,
            bytes_a_span: (received > 0).then(|| bytes as f64 / received as f64),
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::mode::MODES;

    #[test]
    fn a_ratio_is_taken_within_a_round_and_then_the_median() {
        let sample =
            |cpu_us| Sample { cpu_us, rate: 1.0, p50_ms: 1.0, p99_ms: 1.0, requests: 10, spans: 39, bytes: 390 };
        let modes = [MODES[0], MODES[5]];
        // The machine was twice as slow in the second round, for both modes.
        let samples =
            [vec![sample(100.0), sample(200.0), sample(100.0)], vec![sample(110.0), sample(240.0), sample(120.0)]];
        let rows = rows(&modes, &samples, Mode::spans_per_request);
        assert_eq!((rows[1].cpu_us, rows[1].cpu_ratio), (120.0, 1.2));
        assert_eq!((rows[1].cpu_ratio_from, rows[1].cpu_ratio_to), (1.1, 1.2));
        assert_eq!((rows[1].spans_due, rows[1].spans_received, rows[1].bytes_a_span), (120, 117, Some(10.0)));
        assert_eq!(rows[0].cpu_ratio, 1.0);
    }

    #[test]
    fn nobody_has_two_turns_running_and_everybody_begins_as_often() {
        let turns: Vec<usize> = (0..12).flat_map(|turn| order(3, turn)).collect();
        assert!(turns.windows(2).all(|two| two[0] != two[1]), "{turns:?}");
        let begun = |mode| turns.chunks(3).filter(|turn| turn[0] == mode).count();
        assert_eq!([begun(0), begun(1), begun(2)], [4, 4, 4]);
    }

    #[test]
    fn a_mode_has_as_many_turns_as_its_time_has_room_for() {
        let of = |ms| turns(Duration::from_millis(ms));
        assert_eq!((of(0), of(500), of(501), of(3_000)), (1, 1, 2, 6));
    }
}
