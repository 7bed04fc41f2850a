//! The end of both processes of the chain under load, again and again: whether a span is lost.
//!
//! Each process is busy when it is told to end: the front has requests, and so has the back, of its own besides those of the
//! front. A connection carries a few requests only: a process that ends answers those that it has, and takes no new ones.

use super::halves::{self, Ended, Ground, RunningHalf, SPANS_OF_A_HALF};
use super::receivers::{Behaviour, Receiver};
use super::results::SigtermRow;
use super::steady::{End, Steady, Tally};
use crate::failure::Failure;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often both processes are ended.
pub const ROUNDS: u64 = 20;
/// Requests of one connection: it ends soon after the process has been told to.
const REQUESTS_A_CONNECTION: u64 = 8;
/// Answers before the first SIGTERM: pools are full, and some spans have left.
const FIRST_ANSWERS: u64 = 300;
/// So many more in each round: the end meets batches that are empty, half full and under way.
const MORE_ANSWERS: u64 = 97;
/// How often the answers are counted.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Far above what so many answers take.
const ANSWERS_LIMIT: Duration = Duration::from_secs(60);

/// A round's end.
struct Round {
    front: Ended,
    back: Ended,
    of_front: Tally,
    of_back: Tally,
    received: u64,
}

/// All rounds. `tell` is told before each.
pub fn measure(ground: &Ground<'_>, connections: usize, tell: impl Fn(u64)) -> Result<SigtermRow, Failure> {
    let mut row = SigtermRow::default();
    for number in 0..ROUNDS {
        tell(number);
        row.add(&round(ground, connections, FIRST_ANSWERS + number * MORE_ANSWERS)?);
    }
    Ok(row)
}

fn round(ground: &Ground<'_>, connections: usize, answers: u64) -> Result<Round, Failure> {
    let receiver = Receiver::start(Behaviour::Healthy)?;
    let (front, back) = halves::start(ground, &receiver.endpoint(), "sigterm")?;
    // Half of the connections each, so that together they are as many as in the other parts.
    let begin =
        |half: &RunningHalf| Steady::begin(&half.load(connections.div_ceil(2)), End::Gone, REQUESTS_A_CONNECTION);
    let (load_of_front, load_of_back) = (begin(&front), begin(&back));
    await_answers(&load_of_front, answers)?;
    let (front, of_front) = (front.stop()?, load_of_front.finish()?);
    let (back, of_back) = (back.stop()?, load_of_back.finish()?);
    Ok(Round { front, back, of_front, of_back, received: receiver.spans() })
}

fn await_answers(load: &Steady, answers: u64) -> Result<(), Failure> {
    let deadline = Instant::now() + ANSWERS_LIMIT;
    while load.answered() < answers {
        if load.is_over() || Instant::now() >= deadline {
            return Err(Failure::failed(format!("the chain gave {} of {answers} answers", load.answered())));
        }
        sleep(LOOK_EVERY);
    }
    Ok(())
}

impl SigtermRow {
    fn add(&mut self, round: &Round) {
        let Round { front, back, of_front, of_back, received } = round;
        let (ended, exported) =
            (front.account.ended + back.account.ended, front.account.exported + back.account.exported);
        self.rounds += 1;
        self.answered += of_front.answered + of_back.answered;
        self.unanswered += of_front.sent - of_front.answered + of_back.sent - of_back.answered;
        self.ended += ended;
        self.exported += exported;
        self.received += received;
        self.lost += ended.saturating_sub(*received);
        let due = |answered: u64, ended: &Ended| (answered * SPANS_OF_A_HALF).saturating_sub(ended.account.ended);
        // A request to the front is one to the back as well.
        self.missing += due(of_front.answered, front) + due(of_front.answered + of_back.answered, back);
        self.off += front.account.off() + back.account.off() + exported.abs_diff(*received);
        self.unfinished += front.account.unfinished + back.account.unfinished;
        self.unwell += u64::from(!front.well) + u64::from(!back.well);
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::Account;
    use super::super::generator::histogram;
    use super::*;

    fn tally(sent: u64, answered: u64) -> Tally {
        Tally { sent, answered, latency: histogram().unwrap(), complaint: None }
    }

    fn round(front: u64, back: u64, received: u64) -> Round {
        let ended = |ended, exported| Ended {
            well: ended == exported,
            account: Account { ended, exported, dropped: ended - exported, ..Account::default() },
        };
        Round {
            front: ended(20, front),
            back: ended(30, back),
            of_front: tally(12, 10),
            of_back: tally(5, 5),
            received,
        }
    }

    #[test]
    fn where_everything_arrived_nothing_is_lost() {
        let mut row = SigtermRow::default();
        row.add(&round(20, 30, 50));
        row.add(&round(20, 30, 50));
        let expected = SigtermRow {
            rounds: 2,
            answered: 30,
            unanswered: 4,
            ended: 100,
            exported: 100,
            received: 100,
            ..SigtermRow::default()
        };
        assert_eq!(row, expected);
    }

    #[test]
    fn what_one_round_lost_is_not_made_up_for_by_another() {
        let mut row = SigtermRow::default();
        row.add(&round(18, 30, 48));
        // The receiver got two spans twice.
        row.add(&round(20, 30, 52));
        assert_eq!((row.ended, row.received, row.lost, row.off, row.unwell), (100, 100, 2, 2, 1));
    }

    #[test]
    fn an_answered_request_whose_spans_never_ended_is_missed() {
        let mut row = SigtermRow::default();
        let mut round = round(20, 30, 50);
        round.of_back = tally(8, 8);
        round.front.account.unfinished = 1;
        row.add(&round);
        assert_eq!((row.lost, row.missing, row.unfinished), (0, 6, 1));
    }
}
