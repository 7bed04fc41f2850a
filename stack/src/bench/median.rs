//! The middle of what rounds have measured, and how sure it is.

/// How likely the true median may be outside of what [`bounds`] gives.
const DOUBT: f64 = 0.05;

/// The one in the middle; of an even number, the mean of both.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => (below + above) / 2.0,
        (_, Some(value)) => *value,
        _ => f64::NAN,
    }
}

/// The two values between which the median of all rounds that there could be lies, with 95 %. With fewer than six rounds nobody
/// can be that sure: then they are the lowest and the highest.
///
/// Each round is above that median as likely as below it, whatever else rounds are like: so how many of them are below is a coin
/// thrown so many times (the confidence interval of the sign test; Conover, "Practical Nonparametric Statistics", section 3.2).
pub fn bounds(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let rounds = values.len();
    // As many of the lowest and of the highest as can be left out.
    let doubts = (0..rounds / 2).take_while(|below| 2.0 * at_most_below(*below, rounds) <= DOUBT);
    let left_out = doubts.count().saturating_sub(1);
    let value = |at: Option<usize>| at.and_then(|at| values.get(at)).copied().unwrap_or(f64::NAN);
    (value(Some(left_out)), value(rounds.checked_sub(left_out + 1)))
}

/// How likely a coin shows heads so often at most, of up to a thousand throws: beyond, the ways would be too many for a number.
fn at_most_below(heads: usize, throws: usize) -> f64 {
    let mut ways = 1.0;
    let mut sum = 1.0;
    for head in 1..=heads {
        ways *= (throws + 1 - head) as f64 / head as f64;
        sum += ways;
    }
    sum / 2.0_f64.powi(i32::try_from(throws).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(rounds: u32) -> Vec<f64> {
        // In any order.
        (0..rounds).map(|round| f64::from(round * 7 % rounds + 1)).collect()
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn the_more_rounds_the_more_of_them_are_left_out_at_both_ends() {
        // As in any table of the binomial distribution.
        for (rounds, lower, upper) in [
            (1, 1.0, 1.0),
            (3, 1.0, 3.0),
            (6, 1.0, 6.0),
            (9, 2.0, 8.0),
            (10, 2.0, 9.0),
            (12, 3.0, 10.0),
            (16, 4.0, 13.0),
            (60, 22.0, 39.0),
            (1_000, 469.0, 532.0),
        ] {
            assert_eq!(bounds(up_to(rounds)), (lower, upper), "{rounds} rounds");
        }
    }

    #[test]
    fn without_rounds_there_is_nothing_to_know() {
        let (lower, upper) = bounds(Vec::new());
        assert!(lower.is_nan() && upper.is_nan() && median(Vec::new()).is_nan());
    }
}
