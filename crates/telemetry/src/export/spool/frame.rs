//! One batch on the disk: a head, and the request behind it, neither compressed nor framed for a transport.
//!
//! All numbers are little-endian; a segment is frames one behind the other.
//!
//! ```text
//!  0  4  "TSP" and the version of this form, 1
//!  4  4  bytes of the request
//!  8  4  records in it
//! 12  4  CRC-32 (IEEE) of the request
//! 16  4  CRC-32 of the 16 bytes before
//! 20  1  whether it is answered for
//! 21     the request
//! ```
//!
//! The head has a checksum of its own, so that a request that is broken can be counted, and the way to the next one is known.
//! Where a head is broken, the next one is searched for.

use std::ops::Range;

/// Bytes in front of a request.
pub const HEAD_BYTES: usize = 21;
/// Where the one byte is that changes.
pub(super) const STATE_AT: usize = 20;
/// That byte of a frame that is answered for. One that waits has a 0; no other value counts as answered for, as it takes four
/// flipped bits to make one of the other.
pub(super) const ANSWERED: u8 = 0xa5;

const MARK: [u8; 4] = *b"TSP\x01";

/// What was found at a place of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A frame, as it was written.
    Whole {
        /// Where its head begins.
        at: usize,
        /// Records in it.
        records: u32,
        /// Whether its receiver has answered for it.
        answered: bool,
        /// Where the request is.
        request: Range<usize>,
    },
    /// Something else.
    Broken {
        /// Records in it, where its head can be read.
        records: Option<u32>,
        /// Bytes up to what comes next.
        bytes: usize,
    },
}

/// The frame around a request that comes in pieces.
///
/// # Returns
/// `None` for a request that is too long for a frame: 4 GiB.
pub fn frame<'a>(records: u32, pieces: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Vec<u8>> {
    let length = pieces.clone().map(<[u8]>::len).sum::<usize>();
    let mut checksum = crc32fast::Hasher::new();
    pieces.clone().for_each(|piece| checksum.update(piece));
    let mut frame = Vec::with_capacity(HEAD_BYTES + length);
    frame.extend_from_slice(&MARK);
    frame.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    frame.extend_from_slice(&records.to_le_bytes());
    frame.extend_from_slice(&checksum.finalize().to_le_bytes());
    frame.extend_from_slice(&crc32fast::hash(&frame).to_le_bytes());
    frame.push(0);
    pieces.for_each(|piece| frame.extend_from_slice(piece));
    Some(frame)
}

/// What is at `at`, and where the next begins; `None` at the segment's end.
pub fn next(segment: &[u8], at: usize) -> Option<(Found, usize)> {
    if at >= segment.len() {
        return None;
    }
    let Some(head) = head(segment, at) else {
        let next = search(segment, at + 1);
        return Some((Found::Broken { records: None, bytes: next - at }, next));
    };
    let begin = at + HEAD_BYTES;
    let end = begin.saturating_add(head.length);
    if let Some(request) = segment.get(begin..end) {
        let answered = segment[at + STATE_AT] == ANSWERED;
        // What was delivered is not needed any more.
        if answered || crc32fast::hash(request) == head.checksum {
            return Some((Found::Whole { at, records: head.records, answered, request: begin..end }, end));
        }
    }
    // A flipped bit leaves the next one where it was; behind a write that broke off it is nearer.
    let in_place = end == segment.len() || self::head(segment, end).is_some();
    let next = if in_place { end } else { search(segment, begin) };
    Some((Found::Broken { records: Some(head.records), bytes: next - at }, next))
}

struct Head {
    length: usize,
    records: u32,
    checksum: u32,
}

fn head(segment: &[u8], at: usize) -> Option<Head> {
    let head = segment.get(at..)?.get(..HEAD_BYTES)?;
    let number = |at: usize| head[at..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    if !head.starts_with(&MARK) || number(16)? != crc32fast::hash(&head[..16]) {
        return None;
    }
    Some(Head { length: number(4)? as usize, records: number(8)?, checksum: number(12)? })
}

/// Where the next head is from `at` on, or the end.
fn search(segment: &[u8], at: usize) -> usize {
    (at..segment.len()).find(|at| segment[*at] == MARK[0] && head(segment, *at).is_some()).unwrap_or(segment.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(records: u32, request: &[u8]) -> Vec<u8> {
        frame(records, [request].into_iter()).expect("it is short")
    }

    /// Records and request of each frame that waits.
    type Whole = Vec<(u32, Vec<u8>)>;
    /// Records of what is broken.
    type Broken = Vec<Option<u32>>;

    /// All that is in a segment.
    fn read(segment: &[u8]) -> (Whole, Broken) {
        let (mut whole, mut broken, mut at) = (Vec::new(), Vec::new(), 0);
        while let Some((found, next)) = super::next(segment, at) {
            assert!(next > at && next <= segment.len(), "it goes on, and not beyond the end");
            at = next;
            match found {
                Found::Whole { records, answered: false, request, .. } => {
                    whole.push((records, segment[request].to_vec()))
                }
                Found::Whole { .. } => {}
                Found::Broken { records, .. } => broken.push(records),
            }
        }
        assert_eq!(at, segment.len(), "nothing is left over");
        (whole, broken)
    }

    #[test]
    fn a_head_that_breaks_off_and_one_in_the_middle_do_not_hide_the_others() {
        let (first, second) = (of(3, b"first"), of(4, b"second"));
        let torn = [&first[..], &second[..HEAD_BYTES + 2], &of(5, b"third")].concat();
        assert_eq!(read(&torn), (vec![(3, b"first".to_vec()), (5, b"third".to_vec())], vec![Some(4)]));
        let torn = [&first[..], &second[..7]].concat();
        assert_eq!(read(&torn), (vec![(3, b"first".to_vec())], vec![None]));
    }

    #[test]
    fn a_byte_in_the_place_of_the_answer_that_is_no_answer_is_none() {
        let mut frame = of(3, b"first");
        frame[STATE_AT] = 1;
        assert_eq!(read(&frame).0.len(), 1);
        frame[STATE_AT] = ANSWERED;
        assert_eq!(read(&frame), (vec![], vec![]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            read(&bytes);
        }

        #[test]
        fn frames_with_any_bytes_between_them_are_read(
            requests in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..60)), 0..6),
            between in prop::collection::vec(any::<u8>(), 0..30),
        ) {
            let segment: Vec<u8> = requests.iter().flat_map(|(n, request)| [between.clone(), of(*n, request)].concat()).collect();
            prop_assert_eq!(read(&segment).0, requests);
        }

        #[test]
        fn a_flipped_bit_costs_one_frame_at_most_and_never_goes_unnoticed(
            requests in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..60)), 1..6),
            place in any::<prop::sample::Index>(),
            bit in 0..8_u8,
        ) {
            let mut segment: Vec<u8> = requests.iter().flat_map(|(n, request)| of(*n, request)).collect();
            let place = place.index(segment.len());
            segment[place] ^= 1_u8 << bit;
            let (whole, broken) = read(&segment);
            // The byte of the answer says nothing else.
            prop_assert!(whole == requests || whole.len() + 1 == requests.len() && !broken.is_empty(), "{whole:?} {broken:?}");
            prop_assert!(whole.iter().all(|frame| requests.contains(frame)));
        }

        #[test]
        fn a_segment_that_breaks_off_has_all_frames_before(
            requests in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..60)), 1..6),
            place in any::<prop::sample::Index>(),
        ) {
            let segment: Vec<u8> = requests.iter().flat_map(|(n, request)| of(*n, request)).collect();
            let end = place.index(segment.len());
            let ends = requests.iter().scan(0, |at, (_, request)| {
                *at += HEAD_BYTES + request.len();
                Some(*at)
            });
            let before = ends.filter(|frame_end| *frame_end <= end).count();
            prop_assert_eq!(&read(&segment[..end]).0[..], &requests[..before]);
        }
    }
}
