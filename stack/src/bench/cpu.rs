//! The processor time of a process, as the scheduler counts it.

use crate::failure::Failure;
use std::collections::BTreeMap;
use std::fs;

/// Nanoseconds on a processor, of each thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuTime(BTreeMap<String, u64>);

impl CpuTime {
    /// Of these processes up to now: the first number of `/proc/<pid>/task/<tid>/schedstat`, nanoseconds
    /// (Documentation/scheduler/sched-stats.rst). The times of /proc/pid/stat have steps of 10 ms.
    pub fn of(pids: &[u32]) -> Result<Self, Failure> {
        let mut threads = BTreeMap::new();
        for pid in pids {
            for thread in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
                // A thread may end between the two looks.
                let Ok(line) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
                let nanos = line.split(' ').next().and_then(|nanos| nanos.parse().ok());
                let nanos =
                    nanos.ok_or_else(|| Failure::failed("this kernel does not say a thread's processor time"))?;
                threads.insert(thread.file_name().to_string_lossy().into_owned(), nanos);
            }
        }
        Ok(Self(threads))
    }

    /// Nanoseconds since `earlier`. A thread that ended in between is left out: the measured programs have none.
    pub fn since(&self, earlier: &Self) -> u64 {
        let spent = |(thread, nanos): (&String, &u64)| nanos.saturating_sub(*earlier.0.get(thread).unwrap_or(&0));
        self.0.iter().map(spent).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time() {
        let me = [std::process::id()];
        let before = CpuTime::of(&me).unwrap();
        // Enough that the scheduler has looked: it counts at its ticks and when a thread is changed.
        let mut spent = 0;
        while spent == 0 {
            spent = CpuTime::of(&me).unwrap().since(&before);
        }
        assert!(spent > 0);
    }

    #[test]
    fn a_new_thread_counts_from_its_beginning() {
        let time =
            |threads: &[(&str, u64)]| CpuTime(threads.iter().map(|(id, nanos)| ((*id).into(), *nanos)).collect());
        assert_eq!(time(&[("1", 50), ("2", 7)]).since(&time(&[("1", 20)])), 37);
    }
}
