//! Many threads push while batches are taken, settled and looked at: no record is there twice, and none is gone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::export::ledger::REJECTED;

fn queue(queue_records: usize, batch_records: usize) -> Queue {
    let (schedule_delay, export_timeout) = (Duration::from_secs(1), Duration::from_secs(1));
    Queue::new(BatchConfig { queue_records, batch_records, schedule_delay, export_timeout, concurrent_exports: 1 })
}

fn balanced(account: &Account) {
    let gone = account.outcomes.exported + account.outcomes.all_failed() + account.dropped + account.late;
    assert_eq!(account.ended, gone + account.waiting(), "{account:?}");
    assert!(account.waiting() <= account.capacity, "{account:?}");
}

/// Takes what is sealed and settles it, every third batch as failed; gives back the records' numbers.
fn take_and_settle(queue: &Queue, turn: &mut usize) -> Vec<u64> {
    let chunks = queue.take();
    let (mut found, mut bytes) = (Vec::new(), 0);
    for chunk in chunks {
        bytes += chunk.bytes.len();
        let numbers = chunk.bytes.chunks_exact(8).map(|bytes| u64::from_be_bytes(bytes.try_into().expect("eight")));
        let before = found.len();
        found.extend(numbers);
        assert_eq!(found.len() - before, chunk.records);
        drop(queue.lend(chunk));
    }
    balanced(&queue.account(|| ()).0);
    *turn += 1;
    queue.settle(found.len(), bytes, |outcomes| match *turn % 3 {
        0 => outcomes.failed(REJECTED, found.len() as u64),
        _ => outcomes.exported(found.len() as u64),
    });
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_record_is_lost_and_none_is_there_twice(
        threads in 1..12_u64,
        each in 1..2_000_u64,
        queue_records in 1..600_usize,
        batch in 1..64_usize,
        closed_after in proptest::option::of(0..4_000_u64),
    ) {
        let queue = queue(queue_records, batch.min(queue_records));
        let scopes: [Arc<[u8]>; 2] = [Arc::from(*b"a"), Arc::from(*b"b")];
        let over = AtomicBool::new(false);
        let taken = std::thread::scope(|scope| {
            let taker = scope.spawn(|| {
                let (mut taken, mut turn) = (Vec::new(), 0);
                loop {
                    let ends = over.load(Ordering::Acquire);
                    if turn % 5 == 0 || ends {
                        queue.seal_all();
                    }
                    if closed_after.is_some_and(|after| taken.len() as u64 >= after) {
                        queue.close();
                    }
                    taken.extend(take_and_settle(&queue, &mut turn));
                    if ends && queue.next_number().is_none() {
                        break taken;
                    }
                }
            });
            let pushers: Vec<_> = (0..threads).map(|thread| {
                let (queue, scopes) = (&queue, &scopes);
                scope.spawn(move || for number in 0..each {
                    let record = thread * each + number;
                    let prefix = &scopes[usize::from(record % 7 == 0)];
                    queue.push(prefix, |out| out.extend_from_slice(&record.to_be_bytes()));
                })
            }).collect();
            pushers.into_iter().for_each(|pusher| pusher.join().expect("no panic"));
            over.store(true, Ordering::Release);
            taker.join().expect("the account is exact at each look")
        });
        let account = queue.account(|| ()).0;
        balanced(&account);
        prop_assert_eq!((account.ended, account.waiting()), (threads * each, 0));
        prop_assert_eq!(taken.len() as u64, account.ended - account.dropped - account.late);
        prop_assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len(), "a record is there twice");
        prop_assert!(taken.iter().all(|record| *record < threads * each));
        prop_assert_eq!(queue.waiting_records.load(Ordering::Relaxed), 0);
        prop_assert_eq!(queue.waiting_bytes.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn a_full_queue_takes_exactly_what_it_has_room_for() {
    let (queue, prefix) = (queue(10, 4), Arc::from(*b"a"));
    (0..15_u64).for_each(|record| queue.push(&prefix, |out| out.extend_from_slice(&record.to_be_bytes())));
    let account = queue.account(|| ()).0;
    assert_eq!((account.ended, account.queued, account.dropped), (15, 10, 5));
    queue.seal_all();
    let sizes = std::iter::from_fn(|| Some(take_and_settle(&queue, &mut 0).len()).filter(|taken| *taken > 0));
    assert_eq!(sizes.collect::<Vec<_>>(), [4, 4, 2]);
}

#[test]
fn a_queue_that_stays_full_is_said_once_and_again_when_it_was_half_empty() {
    let (queue, prefix) = (queue(10, 2), Arc::from(*b"a"));
    let fill = || (0..20).for_each(|_| queue.push(&prefix, |out| out.extend_from_slice(&[0; 8])));
    for (settled, expected) in [(0, 1), (1, 1), (1, 1), (3, 2), (2, 2)] {
        (0..settled).for_each(|_| assert_eq!(take_and_settle(&queue, &mut 0).len(), 2));
        fill();
        assert_eq!(queue.floods.load(Ordering::Relaxed), expected, "after {settled} batches");
    }
}

/// What the exporting thread does when it has nothing else to do: it is told of news, and takes what there is.
fn idle_turn(queue: &Queue) {
    if queue.news().now_or_never().is_some() {
        queue.relieve();
        while !take_and_settle(queue, &mut 0).is_empty() {}
    }
}

#[test]
fn threads_that_share_the_load_do_not_fill_a_queue_that_is_taken_from() {
    // Queues and batches from the specification's defaults down to the smallest.
    for (queue_records, batch_records) in [(2_048, 512), (512, 512), (100, 10), (16, 16), (3, 1), (1, 1)] {
        let (queue, prefix) = (queue(queue_records, batch_records), Arc::from(*b"a"));
        let push = |shard| queue.push_to(shard, &prefix, |out| out.extend_from_slice(&[0; 8]));
        for record in 0..4_000 {
            push(record % SHARDS);
            idle_turn(&queue);
        }
        assert_eq!(queue.account(|| ()).0.dropped, 0, "{queue_records} {batch_records}");
    }
}

#[test]
fn targets_that_take_turns_do_not_fill_a_queue_that_is_taken_from() {
    let (queue, targets) = (queue(16_384, 512), [Arc::from(*b"a"), Arc::from(*b"b")]);
    for record in 0..20_000 {
        queue.push(&targets[record % 2], |out| out.extend_from_slice(&[0; 8]));
        idle_turn(&queue);
    }
    assert_eq!(queue.account(|| ()).0.dropped, 0);
}

#[test]
fn what_is_taken_before_it_is_due_are_whole_batches() {
    let (queue, prefix) = (queue(2_048, 512), Arc::from(*b"a"));
    let mut sizes = BTreeSet::new();
    for record in 0..40_000 {
        queue.push_to(record % SHARDS, &prefix, |out| out.extend_from_slice(&[0; 8]));
        if queue.news().now_or_never().is_some() {
            queue.relieve();
        }
        sizes.insert(take_and_settle(&queue, &mut 0).len());
    }
    assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [0, 512]);
}

#[test]
fn a_queue_that_is_full_of_what_waits_in_buffers_says_so() {
    let (queue, prefix) = (queue(2_048, 512), Arc::from(*b"a"));
    let push = |shard| queue.push_to(shard, &prefix, |out| out.extend_from_slice(&[0; 8]));
    (0..1_600).for_each(|_| push(0));
    while queue.news().now_or_never().is_some() {}
    // All of these are under way, and nobody answers.
    queue.seal_all();
    while !queue.take().is_empty() {}
    (0..448).for_each(|record| push(record % SHARDS));
    assert!(queue.news().now_or_never().is_none(), "no buffer is full, and the queue is not yet");
    push(0);
    assert!(queue.news().now_or_never().is_some(), "there was no room");
    queue.relieve();
    assert_eq!(queue.take().iter().map(|chunk| chunk.records).sum::<usize>(), 448);
}
