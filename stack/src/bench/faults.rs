//! The two-service chain while something is wrong with the receiver of its spans: whether requests are answered as before,
//! what memory both processes take, and what they say of their spans. All of it is seen from outside.

use super::halves::{self, Ended, Ground, SPANS_OF_A_HALF};
use super::memory::{Memory, MemoryWatch};
use super::receivers::{Behaviour, Receiver};
use super::results::{FaultProcess, FaultRow};
use super::steady::{End, Steady, Tally};
use crate::failure::Failure;
use std::time::Duration;

/// The kernel counts memory in KiB.
const KIB_PER_MIB: f64 = 1024.0;
/// In percent.
const SLOWEST: f64 = 99.0;

/// A receiver's run.
struct Observed {
    behaviour: Behaviour,
    tally: Tally,
    taken: u64,
    front: (Memory, Ended),
    back: (Memory, Ended),
}

/// Runs the chain with each of the receivers for so long. `tell` is told before each.
pub fn measure(
    ground: &Ground<'_>,
    connections: usize,
    time: Duration,
    tell: impl Fn(&str),
) -> Result<Vec<FaultRow>, Failure> {
    let mut rows: Vec<FaultRow> = Vec::new();
    for behaviour in Behaviour::ALL {
        tell(behaviour.title());
        let observed = observe(ground, behaviour, connections, time)?;
        rows.push(row(&observed, rows.first()));
    }
    Ok(rows)
}

fn observe(ground: &Ground<'_>, behaviour: Behaviour, connections: usize, time: Duration) -> Result<Observed, Failure> {
    let receiver = Receiver::start(behaviour)?;
    let (front, back) = halves::start(ground, &receiver.endpoint(), behaviour.name())?;
    let memory = [&front, &back].map(|half| MemoryWatch::begin(half.pid(), time));
    // A connection is as good after any number of requests.
    let tally = Steady::begin(&front.load(connections), End::After(time), u64::MAX).finish()?;
    // The front first: it asks the back until its end. Memory is looked at until both are gone.
    let (front, back) = (front.stop()?, back.stop()?);
    let [front_memory, back_memory] = memory.map(MemoryWatch::end);
    let (front, back) = ((front_memory?, front), (back_memory?, back));
    Ok(Observed { behaviour, tally, taken: receiver.spans(), front, back })
}

fn row(observed: &Observed, healthy: Option<&FaultRow>) -> FaultRow {
    let Observed { behaviour, tally, taken, front, back } = observed;
    let p99_ms = tally.latency.value_at_percentile(SLOWEST) as f64 / 1_000.0;
    let due = tally.answered * SPANS_OF_A_HALF;
    FaultRow {
        receiver: behaviour.name(),
        title: behaviour.title(),
        sent: tally.sent,
        answered: tally.answered,
        complaint: tally.complaint.clone(),
        p99_ms,
        p99_ratio: healthy.map_or(1.0, |healthy| p99_ms / healthy.p99_ms),
        spans_taken: *taken,
        front: process(front, due, healthy.map(|healthy| &healthy.front)),
        back: process(back, due, healthy.map(|healthy| &healthy.back)),
    }
}

fn process((memory, ended): &(Memory, Ended), spans_due: u64, healthy: Option<&FaultProcess>) -> FaultProcess {
    let peak_mib = memory.peak as f64 / KIB_PER_MIB;
    FaultProcess {
        peak_mib,
        added_mib: healthy.map_or(0.0, |healthy| (peak_mib - healthy.peak_mib).max(0.0)),
        grown_mib: memory.grown() as f64 / KIB_PER_MIB,
        spans_due,
        account: ended.account.clone(),
    }
}

impl FaultProcess {
    /// By how many spans its account is off: in itself, and from what the answered requests have made.
    pub fn off(&self) -> u64 {
        self.account.off() + self.account.ended.abs_diff(self.spans_due) + self.account.unfinished
    }
}

impl FaultRow {
    /// Requests that were not answered with a success.
    pub fn unanswered(&self) -> u64 {
        self.sent - self.answered
    }

    /// By how many spans the accounts are off, in themselves and from what the receiver has counted.
    pub fn off(&self) -> u64 {
        let exported = self.front.account.exported + self.back.account.exported;
        self.front.off() + self.back.off() + exported.abs_diff(self.spans_taken)
    }

    /// The larger one of both processes.
    pub fn worse(&self, of: impl Fn(&FaultProcess) -> f64) -> f64 {
        of(&self.front).max(of(&self.back))
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::Account;
    use super::super::generator::histogram;
    use super::*;

    fn ended(exported: u64, dropped: u64) -> Ended {
        let account = Account { ended: 20, exported, dropped, ..Account::default() };
        Ended { well: dropped == 0, account }
    }

    fn observed(peak: u64, exported: u64, dropped: u64) -> Observed {
        let mut latency = histogram().unwrap();
        latency.record(peak).unwrap();
        Observed {
            behaviour: Behaviour::Busy,
            tally: Tally { sent: 11, answered: 10, latency, complaint: None },
            taken: 40,
            front: (Memory { peak, first_half: 2048, second_half: 5120 }, ended(exported, dropped)),
            back: (Memory { peak: 1024, first_half: 9, second_half: 8 }, ended(20, 0)),
        }
    }

    #[test]
    fn a_receiver_is_compared_with_the_healthy_one() {
        let healthy = row(&observed(10_240, 20, 0), None);
        assert_eq!((healthy.p99_ratio, healthy.front.added_mib, healthy.unanswered(), healthy.off()), (1.0, 0.0, 1, 0));
        let wrong = row(&observed(20_480, 20, 0), Some(&healthy));
        assert_eq!((wrong.front.peak_mib, wrong.front.added_mib, wrong.back.added_mib), (20.0, 10.0, 0.0));
        assert_eq!((wrong.worse(|process| process.grown_mib), wrong.back.grown_mib), (3.0, 0.0));
        assert!((1.9..=2.1).contains(&wrong.p99_ratio), "{}", wrong.p99_ratio);
    }

    #[test]
    fn an_account_has_to_fit_itself_the_requests_and_the_receiver() {
        // One span is in no column, and the receiver has counted one that was not said to be taken.
        assert_eq!(row(&observed(1, 19, 0), None).off(), 2);
        assert_eq!(row(&observed(1, 19, 1), None).off(), 1);
        let mut more = observed(1, 20, 0);
        more.tally.answered = 9;
        assert_eq!(row(&more, None).off(), 4, "two spans in each process are of no answered request");
        let mut unfinished = observed(1, 20, 0);
        unfinished.back.1.account.unfinished = 3;
        assert_eq!(row(&unfinished, None).off(), 3);
    }
}
