//! What is logged: by all threads of this process, or by one.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Lines, as they were written.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What all threads write from now on. It is one log for all tests: a test looks for what is its own.
    pub fn of_all_threads() -> &'static Self {
        static ALL: OnceLock<Log> = OnceLock::new();
        ALL.get_or_init(|| {
            let log = Self::default();
            tracing::subscriber::set_global_default(log.subscriber()).expect("there is no other log");
            log
        })
    }

    /// What this thread writes during `work`.
    pub fn of(work: impl FnOnce()) -> Vec<String> {
        let log = Self::default();
        tracing::subscriber::with_default(log.subscriber(), work);
        log.lines()
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(self.clone()).finish()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
